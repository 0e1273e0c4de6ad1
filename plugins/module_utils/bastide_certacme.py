# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates by ACME (RFC 8555); how names are proved is another part's (bastide_certproofs).

python3-acme, the library of certbot, speaks the protocol: signatures, nonces, problems.  Certbot
itself would keep a second list of certificates beside ours and order them one after the other.
Errors of the authority become answers; nothing here raises for what a name or a network does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from acme import client, errors, messages
from ansible.module_utils import bastide_certstore as store
from ansible.module_utils.bastide_certorders import Answer, limited_until
from ansible.module_utils.bastide_certproofs import Proofs
from ansible.module_utils.bastide_files import HostError, read_or_none, write_atomic
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from josepy import JWKRSA, ComparableX509
from josepy.errors import Error as JoseError
from OpenSSL import crypto

# Seconds for each of: one request, the proof of all names, the signing of all certificates.
REQUEST, PROOF, SIGNING = 20, 60, 60
# Between two looks: Let's Encrypt is asked no more often than that, a local one is quick.
POLL = (0.1, 0.2, 0.4, 0.8, 1.5)
# Pebble refuses a share of good nonces on purpose, Let's Encrypt those that have grown old.
NONCES = 6
# Whatever the library raises for what an authority says, or fails to say, or says in an odd form.
FAULTS = (errors.Error, JoseError, OSError, LookupError, TypeError, ValueError, AttributeError)


class Network(client.ClientNetwork):  # type: ignore[misc]  # no stubs on the control node
    """The library's, which asks again only once for another nonce."""

    def post(self, *args: Any, **kwargs: Any) -> Any:
        """Post, again with a fresh nonce as long as that is all that was wrong."""
        for _ in range(NONCES - 1):
            try:
                return self._post_once(*args, **kwargs)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return self._post_once(*args, **kwargs)


@dataclass(slots=True)
class Order:
    """An order under way."""

    key: str
    csr: bytes
    resource: Any
    answer: Answer = field(default_factory=Answer)
    # Challenges whose proof is in its place, with what the authority is then told.
    ready: list[tuple[Any, Any]] = field(default_factory=list)


class Acme:
    """An account at a certification authority."""

    def __init__(self, settings: dict[str, Any], state: store.State, proofs: Proofs) -> None:
        self._settings = settings
        self._state = state
        self._proofs = proofs
        self._client: Any = None

    def obtain(self, orders: dict[str, list[str]]) -> Iterator[tuple[str, Answer]]:
        """Order certificates side by side; each answer as it comes (see Answer)."""
        try:
            self._client = self._client or self._sign_in()
        except FAULTS as error:
            for stem in orders:
                yield stem, _answer(error)
            return
        under_way: dict[str, Order] = {}
        try:
            for stem, names in orders.items():
                order = self._begin(names)
                if isinstance(order, Answer):
                    yield stem, order
                else:
                    under_way[stem] = order
            yield from self._settle(under_way, self._show(under_way))
            yield from self._settle(under_way, self._prove(under_way))
            yield from self._settle(under_way, self._sign(under_way))
        finally:
            self._proofs.clear()

    @staticmethod
    def _settle(
        under_way: dict[str, Order], settled: Iterator[str]
    ) -> Iterator[tuple[str, Answer]]:
        for stem in settled:
            yield stem, under_way.pop(stem).answer

    def _sign_in(self) -> Any:
        """A client with an account, made when this host has none at this authority."""
        raw = read_or_none(store.ACCOUNT_KEY)
        if raw is None:
            made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            raw = _pem(made)
            write_atomic(store.ACCOUNT_KEY, raw, 0o600)
        try:
            key = serialization.load_pem_private_key(raw, None)
        except ValueError:
            raise HostError(f"{store.ACCOUNT_KEY} is damaged: put its backup back") from None
        directory = str(self._settings["directory"])
        network = Network(
            JWKRSA(key=key),
            user_agent="bastide",
            timeout=REQUEST,
            verify_ssl=self._settings.get("authority") or True,
        )
        found = client.ClientV2(client.ClientV2.get_directory(directory, network), network)
        contact = self._settings.get("contact")
        account = messages.NewRegistration.from_data(
            email=contact or None, terms_of_service_agreed=True
        )
        try:
            uri = found.new_account(account).uri
        except errors.ConflictError as known:  # an account of this key is there
            uri = known.location
        network.account = messages.RegistrationResource(uri=uri, body=messages.Registration())
        self._state.account = {directory: uri}
        return found

    def _begin(self, names: list[str]) -> Order | Answer:
        """Order, and have every proof in its place."""
        try:
            key, csr = _request(names)
            order = Order(key, csr, self._client.new_order(csr))
            for authorization in order.resource.authorizations:
                if authorization.body.status == messages.STATUS_VALID:
                    continue
                name = authorization.body.identifier.value
                offered = (c for c in authorization.body.challenges)
                chosen = next((c for c in offered if c.chall.typ == self._proofs.challenge), None)
                if chosen is None:
                    why = f"the authority offers no proof by {self._proofs.challenge}"
                    return Answer(refused={name: why})
                response, text = chosen.response_and_validation(self._client.net.key)
                self._proofs.place(name, chosen.chall.encode("token"), text)
                order.ready.append((chosen, response))
                if self._proofs.at_once:
                    self._look(order)
        except FAULTS as error:
            return _answer(error)
        return order

    def _look(self, order: Order) -> None:
        """Ask the authority to look at the proofs of `order` that are in their place."""
        while order.ready:
            self._client.answer_challenge(*order.ready.pop(0))

    def _show(self, under_way: dict[str, Order]) -> Iterator[str]:
        """Have the world see all proofs, then the authority look; the orders that fail here."""
        waiting = [stem for stem, order in under_way.items() if order.ready]
        trouble = self._proofs.show() if waiting else None
        for stem in waiting:
            order = under_way[stem]
            try:
                if trouble is None:
                    self._look(order)
                else:
                    order.answer = Answer(why=trouble.why, silent=True, kind=trouble.kind)
            except FAULTS as error:
                order.answer = _answer(error)
            if order.answer.why or order.answer.refused:
                yield stem

    def _prove(self, under_way: dict[str, Order]) -> Iterator[str]:
        """Wait until every name was looked at; the orders that fail here."""
        waiting = set(under_way)
        for _ in _polls(PROOF):
            for stem in sorted(waiting):
                order = under_way[stem]
                try:
                    done = self._proved(order)
                except FAULTS as error:
                    order.answer, done = _answer(error), True
                if done:
                    waiting.discard(stem)
                    if order.answer.refused or order.answer.why:
                        yield stem
            if not waiting:
                return
        for stem in sorted(waiting):
            under_way[stem].answer = Answer(why="the authority did not look at its names in time")
            yield stem

    def _proved(self, order: Order) -> bool:
        """True when no name is waited for any more; refused ones are in the answer."""
        for place, known in enumerate(order.resource.authorizations):
            if known.body.status != messages.STATUS_PENDING:
                continue
            found, _ = self._client.poll(known)
            order.resource.authorizations[place] = found
            if found.body.status == messages.STATUS_PENDING:
                return False
        for found in order.resource.authorizations:
            if found.body.status != messages.STATUS_VALID:
                said = [c.error for c in found.body.challenges if c.error is not None]
                why = _words(said[0]) if said else "the authority refuses it"
                order.answer.refused[found.body.identifier.value] = why
        return True

    def _sign(self, under_way: dict[str, Order]) -> Iterator[str]:
        """Have the certificates signed, and fetch them."""
        waiting = set()
        for stem, order in sorted(under_way.items()):
            request = crypto.load_certificate_request(crypto.FILETYPE_PEM, order.csr)
            body = messages.CertificateRequest(csr=ComparableX509(request))
            try:
                self._post(order.resource.body.finalize, body)
                waiting.add(stem)
            except FAULTS as error:
                order.answer = _answer(error)
        yield from [stem for stem in list(under_way) if stem not in waiting]
        for _ in _polls(SIGNING):
            for stem in sorted(waiting):
                if self._signed(under_way[stem]):
                    waiting.discard(stem)
                    yield stem
            if not waiting:
                return
        for stem in sorted(waiting):
            under_way[stem].answer = Answer(why="the authority did not sign in time")
            yield stem

    def _signed(self, order: Order) -> bool:
        try:
            body = messages.Order.from_json(self._post(order.resource.uri, None).json())
            if body.status == messages.STATUS_INVALID:
                order.answer = Answer(why=_words(body.error) if body.error else "it was refused")
                return True
            if body.status != messages.STATUS_VALID or not body.certificate:
                return False
            chain = self._post(body.certificate, None).text
        except FAULTS as error:
            order.answer = _answer(error)
            return True
        order.answer = Answer(key=order.key, chain=chain)
        return True

    def _post(self, url: str, body: Any) -> Any:
        nonces = self._client.directory["newNonce"]
        return self._client.net.post(url, body, new_nonce_url=nonces)


def _request(names: list[str]) -> tuple[str, bytes]:
    """A fresh key (PEM) and its request for `names` (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return _pem(key).decode(), request.public_bytes(serialization.Encoding.PEM)


def _pem(key: Any) -> bytes:
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    made: bytes = key.private_bytes(serialization.Encoding.PEM, form, plain)
    return made


def _polls(seconds: float) -> Iterator[None]:
    """Look again and again, at first quickly, for so many seconds."""
    end, turn = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        yield
        time.sleep(POLL[min(turn, len(POLL) - 1)])  # ACME has no other way to be told
        turn += 1


def _answer(error: Exception) -> Answer:
    """What an error means for an order."""
    if not isinstance(error, messages.Error):
        words = " ".join(str(error).split()) or type(error).__name__
        return Answer(why=f"no answer from the authority: {words[:300]}", silent=True)
    if error.code == "rateLimited":
        return Answer(why=_words(error), until=limited_until(_words(error), datetime.now(UTC)))
    if error.code == "serverInternal":
        return Answer(why=_words(error), silent=True)
    refused = {
        problem.identifier.value: _words(problem)
        for problem in error.subproblems or ()
        if problem.identifier is not None
    }
    return Answer(refused=refused, why=_words(error))


def _words(error: Any) -> str:
    """What the authority says of a problem, in one line."""
    said = error.detail or error.title or str(error.typ)
    return " ".join(f"{said} ({error.code or error.typ})".split())[:400]
