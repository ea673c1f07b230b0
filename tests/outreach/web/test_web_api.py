"""The read-only interface: keys, rights, paging, and answers that are as its description says."""

from __future__ import annotations

import re

import pytest

from outreach.web.api_document import document


class Program:
    """Another program with a key."""

    def __init__(self, site, login="district"):
        visitor = site.visitor(login)
        page = visitor.post("/api-keys", name="统计局", days="30").text
        self.token = re.search(r'id="fresh">([^<]+)<', page)[1]
        self.client = site.app.test_client()

    def get(self, path, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.get(f"/api/v1{path}", headers=headers)


def fits(value, schema):  # noqa: PLR0911
    """Whether a value is as a schema of ours says; the few words of JSON Schema that it uses."""
    if "$ref" in schema:
        return fits(value, document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    kinds = {"string": str, "integer": int, "number": (int, float), "object": dict, "array": list}
    if schema.get("type") == "null":
        return value is None
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if schema.get("additionalProperties") is False:
        return set(value) == set(schema["required"]) and all(
            fits(value[name], schema["properties"][name]) for name in value
        )
    if schema.get("type") == "array":
        return all(fits(one, schema["items"]) for one in value)
    return True


def schema_of(path):
    answer = document()["paths"][path]["get"]["responses"]["200"]
    return answer["content"]["application/json"]["schema"]


def test_every_answer_is_as_the_description_says(site):
    site.visitor("district").get("/dashboard")
    program = Program(site)
    firm = site.firms["甲贸易有限公司"]
    asked = {
        "/enterprises": "/enterprises?limit=3",
        "/enterprises/{enterprise_id}": f"/enterprises/{firm}",
        "/grids": "/grids",
        "/visits": "/visits?since=2026-01-01&until=2026-12-31",
        "/figures": "/figures?level=grid",
    }
    assert set(asked) | {"/openapi.json"} == set(document()["paths"])
    for path, address in asked.items():
        answer = program.get(address)
        assert answer.status_code == 200, answer.text
        assert fits(answer.json, schema_of(path)), (path, answer.json)
    assert program.get("/figures?level=grid").json["data"]


def test_the_description_names_every_route_of_the_interface(sqlite_site):
    routes = {
        re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule).removeprefix("/api/v1")
        for rule in sqlite_site.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
    }
    assert routes == set(document()["paths"])
    described = sqlite_site.anonymous().get("/api/v1/openapi.json")
    assert described.json["openapi"] == "3.1.0"


def test_pages_together_give_every_firm_once(site):
    program, seen, after = Program(site), [], 0
    while after is not None:
        answer = program.get(f"/enterprises?limit=4&after={after}").json
        seen += [row["id"] for row in answer["data"]]
        after = answer["next"]
    assert len(seen) == len(set(seen)) == answer["of"]


def test_a_key_sees_its_own_district_only(site):
    away = Program(site, "district-away")
    mine = site.firms["甲贸易有限公司"]
    assert away.get(f"/enterprises/{mine}").status_code == 404
    assert all(row["id"] != mine for row in away.get("/enterprises").json["data"])
    assert {row["name"] for row in away.get("/enterprises").json["data"]}.isdisjoint(
        {"子机械厂", "丑机械厂"}
    )


@pytest.mark.parametrize("token", ["", "wrong", "a" * 200])
def test_without_a_standing_key_nothing_is_given(sqlite_site, token):
    client = sqlite_site.app.test_client()
    answer = client.get("/api/v1/enterprises", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["code"] == "E401"


def test_a_session_cookie_is_no_key(sqlite_site):
    assert sqlite_site.visitor("district").get("/api/v1/enterprises").status_code == 401


def test_a_revoked_key_is_refused_at_once(site):
    program = Program(site)
    assert program.get("/grids").status_code == 200
    site.visitor("district").post("/api-keys/1/revoke")
    assert program.get("/grids").status_code == 401


def test_too_many_calls_are_told_how_long_to_wait(sqlite_site, monkeypatch):
    monkeypatch.setattr("outreach.services.administration.tokens.CALLS_A_MINUTE", 2)
    program = Program(sqlite_site)
    assert [program.get("/grids").status_code for _ in range(3)] == [200, 200, 429]
    answer = program.get("/grids")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "path",
    [
        "/enterprises?limit=0",
        "/enterprises?limit=501",
        "/enterprises?standing=x",
        "/visits",
        "/visits?since=x&until=y",
        "/figures?level=person",
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(sqlite_site, path):
    answer = Program(sqlite_site).get(path)
    assert answer.status_code == 422
    assert answer.json["message"]


def test_no_answer_names_or_reaches_a_person_and_each_is_audited(site):
    program = Program(site)
    firm = site.firms["甲贸易有限公司"]
    for path in ("/enterprises", f"/enterprises/{firm}"):
        text = program.get(path).text
        assert "1380013800" not in text
        assert "王小明" not in text
    assert [entry.detail["what"] for entry in site.audit("call_api")] == [
        "enterprises",
        "enterprise",
    ]


def test_a_key_is_shown_once_and_the_form_keeps_what_was_typed(sqlite_site):
    visitor = sqlite_site.visitor("planner")
    made = visitor.post("/api-keys", name="统计局", days="90")
    token = re.search(r'id="fresh">([^<]+)<', made.text)[1]
    assert token not in visitor.get("/api-keys").text
    wrong = visitor.post("/api-keys", name="很好的名字", days="31")
    assert wrong.status_code == 422
    assert "很好的名字" in wrong.text
    assert "有效期只能是" in wrong.text
