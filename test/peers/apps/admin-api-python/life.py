"""The whole life of an application by a client that openapi-python-client generated from the document. Prints what came
of each step."""

import json
import os

from sigma_admin import AuthenticatedClient
from sigma_admin.api.client import (
    client_add,
    client_change,
    client_delete,
    client_disable,
    client_enable,
    client_list,
    client_secret_add,
    client_secret_remove,
    client_show,
)
from sigma_admin.models import ClientAddBody, ClientChangeBody
from sigma_admin.models.problem import Problem

api = AuthenticatedClient(base_url=os.environ["API"], token=os.environ["TOKEN"])
ID = "life-py"
told = {}

body = ClientAddBody.from_dict(
    {
        "client_id": ID,
        "client_name": "Life",
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "scope": "payroll:read",
    }
)
made = client_add.sync_detailed(client=api, body=body, idempotency_key='"life-py-1"')
told["made"] = [made.status_code, made.parsed.version, len(made.parsed.secret.value)]
again = client_add.sync_detailed(client=api, body=body, idempotency_key='"life-py-1"')
told["again"] = [again.status_code, again.parsed.secret.to_dict().get("value", "none"), again.parsed.secret.shown]

read = client_show.sync_detailed(ID, client=api)
told["read"] = [read.parsed.definition.client_name, str(read.parsed.status)]
change = ClientChangeBody.from_dict({"client_name": "Life of a client"})
changed = client_change.sync_detailed(ID, client=api, body=change, if_match=read.headers["etag"])
told["changed"] = [one.field for one in changed.parsed.changes]
stale = client_change.sync_detailed(ID, client=api, body=change, if_match=read.headers["etag"])
assert isinstance(stale.parsed, Problem)
told["stale"] = [stale.status_code, stale.parsed.code, stale.parsed.since[0].fields]

secret = client_secret_add.sync_detailed(
    ID, client=api, if_match=changed.headers["etag"], idempotency_key='"life-py-2"'
)
told["secret"] = [secret.status_code, len(secret.parsed.secret.value)]
old = read.parsed.secrets[0].id
removed = client_secret_remove.sync_detailed(ID, old, client=api, if_match=secret.headers["etag"])
told["removed"] = removed.status_code

disabled = client_disable.sync_detailed(ID, client=api, if_match=removed.headers["etag"])
enabled = client_enable.sync_detailed(ID, client=api, if_match=disabled.headers["etag"])
told["status"] = [disabled.status_code, enabled.status_code]
told["list"] = [one.client for one in client_list.sync(client=api, text=ID, limit=10).items]
wrong = client_change.sync(
    ID,
    client=api,
    body=ClientChangeBody.from_dict({"redirect_uris": ["http://life.example/*"]}),
    if_match=enabled.headers["etag"],
)
told["wrong"] = [one.pointer for one in wrong.errors]
deleted = client_delete.sync_detailed(ID, client=api, if_match=enabled.headers["etag"])
told["deleted"] = deleted.status_code
told["gone"] = str(client_show.sync(ID, client=api).status)

print(json.dumps(told))
