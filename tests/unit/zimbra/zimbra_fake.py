# SPDX-License-Identifier: GPL-3.0-or-later
"""An imitation of Zimbra's administration service that takes the documented forms only.

It is stricter than the real one: an attribute or a child that the documentation does not name
is refused, so that a slip of the client cannot pass unseen.
"""

from __future__ import annotations

import itertools
from xml.etree import ElementTree as ET

from zimbra_directory import Directory, Refused
from zimbra_filter import BadFilter, matches

SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
ZIMBRA = "{urn:zimbra}"
ADMIN = "{urn:zimbraAdmin}"
OBJECTS = {
    "Cos": "cos",
    "Domain": "domain",
    "Account": "account",
    "CalendarResource": "calresource",
    "DistributionList": "dl",
}
TYPES = {
    "accounts": "account",
    "distributionlists": "dl",
    "resources": "calresource",
    "domains": "domain",
    "coses": "cos",
}
WRITES = ("Create", "Modify", "Delete", "Add", "Remove")
USER, PASSWORD = "bastide@zimbra.test", "s3cret & <strange>"


class FakeZimbra:
    """Answers envelopes.  `on_step` is called with each sub-request before it is carried out.

    A token serves `token_life` requests; a search that finds more than `cap` entries is
    refused.  `seen` keeps the name of every request, in order.
    """

    url = "https://zimbra.test:7071/service/admin/soap/"

    def __init__(self, *, cap=5000, token_life=None, strict_members=False):
        self.directory = Directory(strict_members=strict_members)
        self.cap, self.token_life = cap, token_life
        self.on_step = lambda _name: None
        self.hidden = set()  # attributes that the administrator has no right to read
        self.faults = {}  # (request, text in it) → code, refused once
        self.seen = []
        self._tokens, self._session = {}, True
        self._numbers = itertools.count(1)

    def post(self, body):
        """The transport of the client, without a network."""
        return self.answer(body)[1]

    def answer(self, data):
        """``(HTTP status, envelope)``."""
        try:
            content = ET.tostring(self._outer(data), "unicode")
            status = 200
        except Refused as refused:
            content, status = ET.tostring(_fault(refused), "unicode"), 500
        envelope = (
            '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Header>'
            '<context xmlns="urn:zimbra"/></soap:Header>'
            f"<soap:Body>{content}</soap:Body></soap:Envelope>"
        )
        return status, envelope.encode()

    def expire(self):
        """No token given so far is good any more."""
        self._tokens = dict.fromkeys(self._tokens, 0)

    def _outer(self, data):
        try:
            root = ET.fromstring(data)
        except ET.ParseError as error:
            raise Refused("service.PARSE_ERROR", str(error)) from None
        body = root.find(f"{SOAP}Body")
        if root.tag != f"{SOAP}Envelope" or body is None or len(body) != 1:
            raise Refused("service.INVALID_REQUEST", "no envelope with one request")
        document = body[0]
        if document.tag == f"{ADMIN}AuthRequest":
            return self._auth(document)
        token = root.findtext(f"{SOAP}Header/{ZIMBRA}context/{ZIMBRA}authToken")
        if not token:
            raise Refused("service.AUTH_REQUIRED", "no valid authtoken present")
        self._use(token)
        self._session = root.find(f"{SOAP}Header/{ZIMBRA}context/{ZIMBRA}nosession") is None
        if document.tag == f"{ZIMBRA}BatchRequest":
            return self._batch(document, token)
        return self._one(document)

    def _use(self, token):
        if self._tokens.get(token, 0) is not None:
            if self._tokens.get(token, 0) <= 0:
                raise Refused("service.AUTH_EXPIRED", "auth credentials have expired")
            self._tokens[token] -= 1

    def _auth(self, document):
        _allow(document, children=["name", "password"])
        given = (_text(document, "name"), _text(document, "password"))
        if given != (USER, PASSWORD):
            raise Refused("account.AUTH_FAILED", f"authentication failed for [{given[0]}]")
        token = f"0_{next(self._numbers):040x}"
        self._tokens[token] = self.token_life
        answer = ET.Element(f"{ADMIN}AuthResponse")
        ET.SubElement(answer, f"{ADMIN}authToken").text = token
        ET.SubElement(answer, f"{ADMIN}lifetime").text = "43200000"
        return answer

    def _batch(self, document, token):
        if {*document.attrib} - {"onerror"}:
            raise Refused("service.INVALID_REQUEST", "unknown attribute of a batch")
        answer = ET.Element(f"{ZIMBRA}BatchResponse")
        for number, one in enumerate(document):
            request_id = one.attrib.pop("requestId", None)
            try:
                if number:
                    self._use(token)
                reply = self._one(one)
            except Refused as refused:
                reply = _fault(refused)
            if request_id is not None:
                reply.set("requestId", request_id)
            answer.append(reply)
            if reply.tag == f"{SOAP}Fault" and document.get("onerror") == "stop":
                break
        return answer

    def _one(self, document):
        namespace, _, name = document.tag.rpartition("}")
        if namespace + "}" != ADMIN or not name.endswith("Request"):
            raise Refused("service.UNKNOWN_DOCUMENT", f"unknown document: {document.tag}")
        name = name.removesuffix("Request")
        self.on_step(name)
        self.seen.append(name)
        for (wanted, text), code in list(self.faults.items()):
            if wanted == name and text in ET.tostring(document, "unicode"):
                del self.faults[wanted, text]
                raise Refused(code, "as the test wants")
        answer = ET.Element(f"{ADMIN}{name}Response")
        handler = getattr(self, f"_do_{name}", None)
        verb = next((v for v in ("Create", "Modify", "Get") if name.startswith(v)), "")
        if handler:
            handler(document, answer)
        elif verb and name.removeprefix(verb) in OBJECTS:
            getattr(self, f"_{verb.lower()}")(OBJECTS[name.removeprefix(verb)], document, answer)
        else:
            raise Refused("service.UNKNOWN_DOCUMENT", f"unknown document: {name}Request")
        return answer

    def _create(self, kind, document, answer):
        children = ["name", "a"] + (["password"] if kind in {"account", "calresource"} else [])
        _allow(document, children=children)
        name, password = _text(document, "name"), _text(document, "password", needed=False)
        key = self.directory.create(kind, name, _attributes(document), password)
        self._encode(answer, key)

    def _modify(self, kind, document, answer):
        _allow(document, children=["id", "a"])
        key = _text(document, "id")
        self.directory.modify(kind, key, _attributes(document))
        self._encode(answer, key)

    def _get(self, kind, document, answer):
        inherited = {"account": ["applyCos"], "calresource": ["applyCos"]}
        inherited |= {"domain": ["applyConfig"], "dl": ["limit", "offset", "sortAscending"]}
        _allow(document, children=[kind], attributes=["attrs", *inherited.get(kind, [])])
        chosen = document.find(f"{ADMIN}{kind}")
        if chosen is None or chosen.get("by") not in {"id", "name"}:
            raise Refused("service.INVALID_REQUEST", f"missing required element: {kind}")
        key, entry = self.directory.get(kind, chosen.get("by"), chosen.text or "")
        shown = self._encode(answer, key, document.get("attrs"), hide_members=kind == "dl")
        for member in entry["attributes"].get("zimbraMailForwardingAddress", []):
            ET.SubElement(shown, f"{ADMIN}dlm").text = member

    def _do_SetPassword(self, document, _answer):  # noqa: N802 - the name of the request
        _allow(document, children=["id", "newPassword"])
        self.directory.set_password(_text(document, "id"), _text(document, "newPassword"))

    def _do_DeleteDistributionList(self, document, _answer):  # noqa: N802 - the name of the request
        _allow(document, attributes=["id", "cascadeDelete"])
        self.directory.delete_list(document.get("id", ""))

    def _do_AddAccountAlias(self, document, _answer):  # noqa: N802
        _allow(document, children=["id", "alias"])
        self.directory.add_alias(_text(document, "id"), _text(document, "alias"))

    def _do_RemoveAccountAlias(self, document, _answer):  # noqa: N802
        _allow(document, children=["id", "alias"])
        self.directory.remove_alias(_text(document, "id"), _text(document, "alias"))

    def _do_AddDistributionListMember(self, document, _answer):  # noqa: N802
        self.directory.add_members(*_members(document))

    def _do_RemoveDistributionListMember(self, document, _answer):  # noqa: N802
        self.directory.remove_members(*_members(document))

    def _do_SearchDirectory(self, document, answer):  # noqa: N802
        options = ["limit", "offset", "domain", "applyCos", "applyConfig", "maxResults", "attrs"]
        options += ["sortBy", "sortAscending", "types", "countOnly"]
        _allow(document, children=["query"], attributes=options)
        types = document.get("types", "accounts").split(",")
        domain = document.get("domain")
        if {*types} - {*TYPES}:
            raise Refused("service.INVALID_REQUEST", f"invalid type: {types}")
        if domain is not None and {"domains", "coses"} & {*types}:
            raise Refused("service.INVALID_REQUEST", "cannot specify domain here")
        if domain is not None and not self.directory.named("domain", domain):
            raise Refused("account.NO_SUCH_DOMAIN", f"no such domain: {domain}")
        query = _text(document, "query", needed=False)
        found = self._matching({TYPES[one] for one in types}, domain, query)
        if len(found) > int(document.get("maxResults", self.cap)):
            raise Refused("account.TOO_MANY_SEARCH_RESULTS", "number of results exceeded the limit")
        offset = int(document.get("offset", "0"))
        end = offset + (int(document.get("limit", "0")) or len(found))
        if not self._session:
            # SearchDirectoryRightChecker.getAllowed stops there, and what follows is not counted:
            # a full page never says that there is more.
            found = found[:end]
        for key in found[offset:end]:
            self._encode(answer, key, document.get("attrs"))
        answer.set("more", "1" if end < len(found) else "0")
        answer.set("searchTotal", str(len(found)))

    def _matching(self, kinds, domain, query):
        found = []
        for key, entry in self.directory.entries.items():
            local, at, own = entry["name"].rpartition("@")
            if entry["kind"] not in kinds or (domain is not None and (not at or own != domain)):
                continue
            names = {"uid": [local]} if at else {"cn": [own], "zimbradomainname": [own]}
            known = {name.lower(): values for name, values in entry["attributes"].items()}
            try:
                if not query or matches(query, known | names):
                    found.append(key)
            except BadFilter:
                raise Refused("service.INVALID_REQUEST", f"bad filter: {query}") from None
        return sorted(found, key=lambda key: self.directory.entries[key]["name"])

    def _encode(self, parent, key, wanted=None, *, hide_members=False):
        entry = self.directory.entries[key]
        shown = ET.SubElement(parent, f"{ADMIN}{entry['kind']}")
        shown.attrib |= {"name": _unicode(entry["name"], entry["kind"]), "id": key}
        asked = None if wanted is None else wanted.split(",")
        # Provisioning.sanitizedAttrValue: that there is a password is shown, and no more.
        password = [("userPassword", ["VALUE-BLOCKED"])] if entry["password"] else []
        for name, values in [("zimbraId", [key]), *password, *sorted(entry["attributes"].items())]:
            hidden = hide_members and name == "zimbraMailForwardingAddress"
            if hidden or (asked is not None and name not in asked):
                continue
            for value in values:
                if name in self.hidden:
                    ET.SubElement(shown, f"{ADMIN}a", {"n": name, "pd": "1"})
                    continue
                ET.SubElement(shown, f"{ADMIN}a", {"n": name}).text = (
                    _unicode(value) if "@" in value else value
                )
        return shown


def _fault(refused):
    fault = ET.Element(f"{SOAP}Fault")
    ET.SubElement(ET.SubElement(fault, f"{SOAP}Code"), f"{SOAP}Value").text = "soap:Sender"
    ET.SubElement(ET.SubElement(fault, f"{SOAP}Reason"), f"{SOAP}Text").text = refused.reason
    error = ET.SubElement(ET.SubElement(fault, f"{SOAP}Detail"), f"{ZIMBRA}Error")
    ET.SubElement(error, f"{ZIMBRA}Code").text = refused.code
    ET.SubElement(error, f"{ZIMBRA}Trace").text = "qtp1:1"
    return fault


def _allow(document, children=(), attributes=()):
    unknown = {*document.attrib} - {*attributes}
    unknown |= {one.tag for one in document} - {f"{ADMIN}{name}" for name in children}
    if unknown:
        raise Refused("service.INVALID_REQUEST", f"not documented: {sorted(unknown)}")


def _text(document, name, *, needed=True):
    value = document.findtext(f"{ADMIN}{name}") or ""
    if needed and not value:
        raise Refused("service.INVALID_REQUEST", f"missing required attribute: {name}")
    return value


def _attributes(document):
    found = {}
    for one in document.iter(f"{ADMIN}a"):
        if {*one.attrib} != {"n"}:
            raise Refused("service.INVALID_REQUEST", "an attribute needs its name")
        found.setdefault(one.get("n"), []).append(one.text or "")
    return found


def _members(document):
    _allow(document, children=["id", "dlm"])
    members = [one.text or "" for one in document.iter(f"{ADMIN}dlm")]
    if not members:
        raise Refused("service.INVALID_REQUEST", "members not specified")
    return _text(document, "id"), members


def _unicode(name, kind="account"):
    """Names are shown with their accents (IDN), whatever they were given as."""
    if kind == "cos":
        return name
    local, at, domain = name.rpartition("@")
    return local + at + domain.encode().decode("idna")
