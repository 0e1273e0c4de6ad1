# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N802, ARG002  (the names and signatures are those of the generated servicers)
"""The engine of the imitation: a resource monitor that real programs talk to by gRPC.

The program runs in the process of Automation API, as with the real engine; here are the steps that
its registrations lead to (same, create, update, replace, import, delete), protection, retention,
aliases, checkpoints and events.  Steps run one after the other, in the order of registration.
"""

import contextlib
import json
import os
import signal
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    events_pb2,
    events_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)
from pulumi_cloud import Refused

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
REPLACES = {
    "DnsRecord": {"zoneId", "type"},
    "Zone": {"name", "account"},
    "Ruleset": {"zoneId", "kind", "name", "phase"},
}


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


class Engine(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """One preview or update of one stack."""

    def __init__(self, project, stack, state, cloud, save, *, dry):
        self.project, self.stack, self.dry = project, stack, dry
        self.cloud, self.save = cloud, save
        self.state = state
        self.seen, self.events, self.failed, self.later = set(), [], False, []
        self.counts, self.root = {}, ""
        self.made = {}
        self.crash_after = int(os.environ.get("BASTIDE_IMITATION_CRASH_AFTER", "-1"))

    def run(self, client, event_log, parallel):
        """Run the program behind `client`, then delete what it did not name; True when all went."""
        with self.serving() as address, grpc.insecure_channel(client) as channel:
            answer = language_pb2_grpc.LanguageRuntimeStub(channel).Run(
                language_pb2.RunRequest(
                    project=self.project,
                    stack=self.stack,
                    args=[address],
                    dryRun=self.dry,
                    parallel=parallel,
                    monitor_address=address,
                    organization="organization",
                )
            )
        if answer.error:
            self.tell("error", answer.error)
        if not self.failed:
            self.delete_rest()
        self.events.append(
            {
                "summaryEvent": {
                    "maybeCorrupt": False,
                    "durationSeconds": 0,
                    "resourceChanges": self.counts,
                    "PolicyPacks": {},
                }
            }
        )
        self.events.append({"cancelEvent": {}})
        self.send(event_log)
        return not self.failed

    @contextlib.contextmanager
    def serving(self):
        """Serve monitor and engine, and give their address."""
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(self, server)
        engine_pb2_grpc.add_EngineServicer_to_server(self, server)
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield address
        finally:
            server.stop(None).wait()

    def send(self, event_log):
        if event_log is None:
            return
        lines = [
            json.dumps({"sequence": n, "timestamp": 0, **event})
            for n, event in enumerate(self.events)
        ]
        with grpc.insecure_channel(event_log.removeprefix("tcp://")) as channel:
            events_pb2_grpc.EventsStub(channel).StreamEvents(
                iter(events_pb2.EventRequest(event=line) for line in lines)
            )

    # What the program calls.

    def SupportsFeature(self, request, context):
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id != "outputValues")

    def GetDeploymentInfo(self, request, context):
        names = ("SECRETS", "RESOURCE_REFERENCES", "ALIAS_SPECS", "DELETED_WITH")
        numbers = [getattr(resource_pb2, f"RESOURCE_MONITOR_FEATURE_{name}") for name in names]
        return resource_pb2.DeploymentInfo(supportedFeatures=numbers)

    def RegisterPackage(self, request, context):
        if (request.name, request.version) != ("cloudflare", "6.23.1"):
            context.abort(grpc.StatusCode.UNKNOWN, f"no plugin {request.name} {request.version}")
        return resource_pb2.RegisterPackageResponse(ref="cloudflare")

    def RegisterResourceOutputs(self, request, context):
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request, context):
        return empty_pb2.Empty()

    def Log(self, request, context):
        if request.severity == engine_pb2.ERROR:
            self.tell("error", request.message, request.urn)
        return empty_pb2.Empty()

    def SetRootResource(self, request, context):
        self.root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def GetRootResource(self, request, context):
        return engine_pb2.GetRootResourceResponse(urn=self.root)

    def RegisterResource(self, request, context):
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=self.urn(request.type, request.name))
        urn = self.urn(request.type, request.name)
        new = {
            "urn": urn,
            "custom": True,
            "type": request.type,
            "inputs": plain(json_format.MessageToDict(request.object)),
            "parent": request.parent,
            "protect": request.protect,
            "retainOnDelete": request.retainOnDelete,
            "deletedWith": request.deletedWith,
            "importID": request.importId,
        }
        missing = [one for one in request.dependencies if one in self.later]
        if missing:
            # What it depends on failed: with --continue-on-error it is left out.
            self.later.append(urn)
            self.seen.add(urn)
            context.abort(grpc.StatusCode.UNAVAILABLE, "a dependency failed")
        former = [self.urn(request.type, a.spec.name) for a in request.aliases if a.spec.name]
        held = next((u for u in (urn, *former) if u in self.state["resources"]), None)
        self.seen.add(held or urn)
        try:
            self.step(new, held, delete_first=request.deleteBeforeReplace)
        except Refused as error:
            self.later.append(urn)
            self.tell("error", f"sdk-v2/provider2.go:572: sdk.helper_schema: {error}", urn)
            # The SDK then waits for a stop of the whole run; the others are to go on.
            outputs = held and self.state["resources"][held]
            return self.answer(urn, outputs or new, failed=True)
        return self.answer(urn, self.made[urn])

    def answer(self, urn, resource, *, failed=False):
        known = {**resource["inputs"], "createdOn": "2026-11-01T08:00:00Z", "meta": "{}"}
        struct = struct_pb2.Struct()
        json_format.ParseDict(known, struct)
        result = resource_pb2.Result.FAIL if failed else resource_pb2.Result.SUCCESS
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=resource.get("id", ""), object=struct, result=result
        )

    # Steps.

    def step(self, new, held, *, delete_first):
        kind = new["type"].rpartition(":")[2]
        old = self.state["resources"].get(held) if held else None
        there = (
            new["importID"]
            if not old or new["importID"] not in {"", old["id"], old.get("importID")}
            else ""
        )
        if there:
            return self.import_(kind, new, there)
        if old is None:
            return self.create(kind, new)
        if held != new["urn"]:
            self.state["resources"] = {
                (new["urn"] if u == held else u): r for u, r in self.state["resources"].items()
            }
            self.seen.add(new["urn"])
        new["id"] = old["id"]
        new["importID"] = new["importID"] or old.get("importID", "")
        changed = {
            k
            for k in old["inputs"].keys() | new["inputs"].keys()
            if old["inputs"].get(k) != new["inputs"].get(k)
        }
        if not changed:
            self.note("same", new["urn"], old, new)
            self.put(new)
        elif changed & REPLACES.get(kind, set()):
            self.replace(kind, old, new, delete_first=delete_first)
        else:
            self.note("update", new["urn"], old, new)
            self.call(new, "updating", lambda: self.cloud.change(kind, old["id"], new["inputs"]))
            self.put(new)
        return None

    def create(self, kind, new, op="create"):
        self.note(op, new["urn"], None, new)
        new["id"] = self.call(new, "creating", lambda: self.cloud.make(kind, new["inputs"])) or ""
        self.put(new)

    def replace(self, kind, old, new, *, delete_first):
        if old["protect"]:
            self.protected(new["urn"], "replaced")
            return
        if not delete_first:
            raise AssertionError("creating before deleting is what Cloudflare refuses")
        self.note("delete-replaced", new["urn"], old, None)
        self.remove(old)
        self.note("replace", new["urn"], old, new)
        self.create(kind, new, "create-replacement")

    def import_(self, kind, new, there):
        found = self.cloud.read(kind, there)
        self.note("import", new["urn"], None, new)
        if found is None:
            raise Refused("404 Not Found", 81044, f"resource '{there}' does not exist")
        new["id"], actual = found
        if actual != new["inputs"]:
            words = "inputs to import do not match the existing resource"
            if self.dry:
                self.tell("warning", f"{words}; importing this resource will fail", new["urn"])
            else:
                raise Refused("import", 0, words)
        self.put(new)

    def delete_rest(self):
        """What the program no longer names, what came last first."""
        going = [u for u in self.state["resources"] if u not in self.seen and u not in self.made]
        for urn in reversed(going):
            old = self.state["resources"][urn]
            self.note("delete", urn, old, None)
            if old["protect"]:
                self.protected(urn, "deleted")
                continue
            try:
                if not old["retainOnDelete"] and old["deletedWith"] not in going:
                    self.remove(old)
            except Refused as error:
                self.tell("error", str(error), urn)
                continue
            if not self.dry:
                del self.state["resources"][urn]
                self.save()

    def remove(self, old):
        kind = old["type"].rpartition(":")[2]
        self.call(old, "deleting", lambda: self.cloud.remove(kind, old["id"], old["inputs"]))

    def protected(self, urn, done):
        self.tell(
            "error",
            f'resource "{urn}" cannot be {done}\nbecause it is protected. To unprotect '
            f"the resource, use the command:\n`pulumi state unprotect '{urn}'`",
            urn,
        )

    def call(self, resource, pending, call):
        """One call to the provider, noted as pending first, as the engine does in a checkpoint."""
        if self.dry:
            return None
        self.state["pending"].append({"resource": resource, "type": pending})
        self.save()
        try:
            result = call()
        finally:
            self.crash_after -= 1
            if self.crash_after == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.state["pending"].pop()
        return result

    def put(self, new):
        self.made[new["urn"]] = new
        if not self.dry:
            self.state["resources"][new["urn"]] = new
            self.save()

    def urn(self, kind, name):
        return f"urn:pulumi:{self.stack}::{self.project}::{kind}::{name}"

    def note(self, op, urn, old, new):
        self.counts[op] = self.counts.get(op, 0) + 1

        def shown(one):
            return one and {
                "type": one["type"],
                "urn": one["urn"],
                "id": one.get("id", ""),
                "parent": one["parent"],
                "provider": "",
                "protect": one["protect"],
                "inputs": one["inputs"],
                "outputs": {**one["inputs"], "createdOn": "2026-11-01T08:00:00Z"},
            }

        kind = (new or old)["type"]
        step = {
            "op": op,
            "urn": urn,
            "type": kind,
            "provider": "",
            "old": shown(old),
            "new": shown(new),
        }
        self.events.append({"resourcePreEvent": {"metadata": step, "planning": self.dry}})

    def tell(self, severity, message, urn=""):
        self.failed = self.failed or severity == "error"
        words = f"<{{%reset%}}>{message}<{{%reset%}}>\n"
        found = {"message": words, "color": "never", "severity": severity, "urn": urn}
        self.events.append({"diagnosticEvent": found})


def checkpoint(file):
    """The stack's resources and what was under way, from its checkpoint."""
    latest = json.loads(Path(file).read_text("utf-8"))["checkpoint"]["latest"] or {}
    return {
        "resources": {r["urn"]: r for r in latest.get("resources", ())},
        "pending": latest.get("pending_operations", []),
    }
