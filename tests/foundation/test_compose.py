"""The compose file as its own parser reads it: what may be many is not tied down, and no secret has a default."""

import json
import subprocess
from pathlib import Path

import compose
import pytest

ROOT = Path(__file__).resolve().parents[2]
PARSER = Path(compose.__file__).with_name("docker-compose")
SETTINGS = {
    "SECRET_KEY": "k" * 40,
    "POSTGRES_PASSWORD": "p",
    "PORTAL_URL": "https://pact.example",
    "ALLOWED_HOSTS": "pact.example",
    "MAIL_URL": "smtp://mail.pact.example",
    "MAIL_FROM": "portaal@pact.example",
}


def read(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What the parser of Docker Compose makes of docker-compose.yml with these settings."""
    return subprocess.run(
        [PARSER, "-f", "docker-compose.yml", "--env-file", "/dev/null", "config", *arguments],
        cwd=ROOT, env=settings, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def services():
    return json.loads(read("--format", "json", **SETTINGS).stdout)["services"]


@pytest.mark.parametrize("name", SETTINGS)
def test_it_refuses_to_start_without(name):
    refused = read("-q", **{key: value for key, value in SETTINGS.items() if key != name})
    assert refused.returncode != 0
    assert name in refused.stderr


def test_it_publishes_ports_of_the_proxy_only(services):
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]


def test_it_names_no_container_so_that_any_may_be_many(services):
    assert not [name for name, service in services.items() if "container_name" in service]


def test_it_watches_the_health_of_all_that_keep_running(services):
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"migrate"}


def test_it_keeps_state_in_named_volumes_only(services):
    kept = {
        name: {(volume["type"], volume["source"]) for volume in service.get("volumes", ())}
        for name, service in services.items()
    }
    assert kept["postgres"] == {("volume", "database")}
    assert kept["redis"] == {("volume", "queue")}
    assert kept["web"] == kept["worker"] == {("volume", "files")}


def test_it_gives_its_own_images_no_power(services):
    for name in ("web", "worker", "beat", "migrate", "proxy"):
        assert services[name]["read_only"], name
        assert services[name]["cap_drop"] == ["ALL"], name


def test_it_hands_the_key_of_the_seal_to_the_worker_only():
    sealed = {"SEAL_PKCS12": "/etc/seal.p12", "SEAL_PASSPHRASE": "s", "TIMESTAMP_URL": "https://time.example"}
    whole = json.loads(read("--format", "json", **SETTINGS, **sealed).stdout)
    worker = whole["services"].pop("worker")
    assert whole["secrets"]["seal"]["file"] == "/etc/seal.p12"
    assert [secret["source"] for secret in worker["secrets"]] == ["seal"]
    assert {name: worker["environment"][name] for name in sealed} == {**sealed, "SEAL_PKCS12": "/run/secrets/seal"}
    assert SETTINGS.keys() - {"POSTGRES_PASSWORD"} <= worker["environment"].keys()
    for name, service in whole["services"].items():
        assert not sealed.keys() & service.get("environment", {}).keys(), name
        assert not service.get("secrets"), name


def test_it_starts_without_a_key(services):
    assert services["worker"]["environment"]["SEAL_PKCS12"] == ""


def test_it_hands_on_a_bucket_when_one_is_named():
    one = json.loads(read("--format", "json", **SETTINGS, S3_BUCKET="pact-files").stdout)["services"]["worker"]
    assert one["environment"]["S3_BUCKET"] == "pact-files"


def test_it_asks_for_every_setting_that_the_portal_cannot_do_without(services):
    assert SETTINGS.keys() - {"POSTGRES_PASSWORD"} <= services["web"]["environment"].keys()


def test_the_example_of_the_settings_names_all_of_them():
    written = {line.partition("=")[0] for line in (ROOT / ".env.example").read_text().splitlines()}
    assert SETTINGS.keys() <= written
