"""What would be applied to a cluster fits Kubernetes' own schemas, and gives no pod more than it needs."""

import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from settings import Settings
from tests.deploy.kustomizing import Doc, documents, rendered

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
OVERLAYS = sorted(KUBERNETES.glob("overlays/*"))
THEIRS = ("keda.sh/v1alpha1", "temporal.io/v1alpha1")  # their schemas are in no package for Python; deploy/README.md
RELEASE = "1.34"
MOUNTING_OTHERWISE = ("temporal-cloud", "s3")  # the profile too; no evidence
LONG_ENOUGH_S = {"worker": 30, "api": 10}  # what each lets finish, and the pause before it

pytestmark = pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.name)


objects = cache(rendered)


def pods(overlay: Path) -> list[Doc]:
    """The templates of pods; a WorkerResourceTemplate's is of something else."""
    templates = [each["spec"]["template"] for each in objects(overlay) if "template" in each.get("spec", {})]
    return [template for template in templates if "containers" in template.get("spec", {})]


def named(overlay: Path, kind: str) -> dict[str, Doc]:
    return {each["metadata"]["name"]: each for each in objects(overlay) if each["kind"] == kind}


def test_every_object_fits_its_schema(overlay: Path) -> None:
    checked = [each for each in objects(overlay) if each["apiVersion"] not in THEIRS]
    assert len(checked) >= 10
    for each in checked:
        kubernetes_validate.validate(each, RELEASE, strict=True)


def test_a_misspelt_field_would_be_found(overlay: Path) -> None:
    [account] = named(overlay, "ServiceAccount").values()
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**account, "automountToken": False}, RELEASE, strict=True)


def test_no_pod_may_do_more_than_it_needs(overlay: Path) -> None:
    assert len(pods(overlay)) == (4 if overlay.name == "codec" else 3)
    for pod in pods(overlay):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert not [volume for volume in spec["volumes"] if "hostPath" in volume]
        for container in spec["containers"]:
            own = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
            assert container["securityContext"] == own
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]


def test_images_are_pinned_by_a_tag(overlay: Path) -> None:
    images = {container["image"] for pod in pods(overlay) for container in pod["spec"]["containers"]}
    assert len(images) == 1
    [(_, _, tag)] = [image.rpartition(":") for image in images]
    assert tag[0].isdigit()


def test_what_is_mounted_is_there_and_what_is_there_is_mounted(overlay: Path) -> None:
    for pod in pods(overlay):
        mounted = {mount["name"] for container in pod["spec"]["containers"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["spec"]["volumes"]}


def test_whatever_is_named_is_made_here_or_is_a_known_secret(overlay: Path) -> None:
    secrets, maps = {"vocloop", "vocloop-temporal"}, named(overlay, "ConfigMap")
    claims, accounts = named(overlay, "PersistentVolumeClaim"), named(overlay, "ServiceAccount")
    for pod in pods(overlay):
        assert pod["spec"]["serviceAccountName"] in accounts
        for volume in pod["spec"]["volumes"]:
            assert volume.get("secret", {}).get("secretName", "vocloop") in secrets
            assert volume.get("configMap", {}).get("name", "vocloop") in maps
            assert {each["claimName"] for each in [volume.get("persistentVolumeClaim")] if each} <= set(claims)
        for container in pod["spec"]["containers"]:
            assert {source["configMapRef"]["name"] for source in container["envFrom"]} <= set(maps)


def test_selectors_find_their_pods(overlay: Path) -> None:
    labels = [pod["metadata"]["labels"] for pod in pods(overlay)]
    for kind, path in (("Service", ["selector"]), ("PodDisruptionBudget", ["selector", "matchLabels"])):
        for each in named(overlay, kind).values():
            wanted: Any = each["spec"]
            for step in path:
                wanted = wanted[step]
            assert len([found for found in labels if wanted.items() <= found.items()]) == 1, each["metadata"]["name"]
    for each in named(overlay, "NetworkPolicy").values():
        wanted = each["spec"]["podSelector"]["matchLabels"]
        assert [found for found in labels if wanted.items() <= found.items()], each["metadata"]["name"]


def test_what_scales_scales_something_that_is_there(overlay: Path) -> None:
    targets = set(named(overlay, "Deployment")) | set(named(overlay, "WorkerDeployment"))
    for kind in ("HorizontalPodAutoscaler", "ScaledObject"):
        for each in named(overlay, kind).values():
            assert each["spec"]["scaleTargetRef"]["name"] in targets
            assert (each["spec"].get("minReplicas") or each["spec"]["minReplicaCount"]) >= 2
    for each in named(overlay, "WorkerResourceTemplate").values():
        assert each["spec"]["workerDeploymentRef"]["name"] in targets
    assert "vocloop-worker" in targets


def test_who_is_asked_to_stop_has_the_time_to(overlay: Path) -> None:
    for pod in pods(overlay):
        [container] = pod["spec"]["containers"]
        if container["name"] in LONG_ENOUGH_S:
            assert pod["spec"]["terminationGracePeriodSeconds"] > LONG_ENOUGH_S[container["name"]]


def test_probes_ask_by_a_name_that_the_api_answers_to(overlay: Path) -> None:
    [api] = [pod["spec"]["containers"][0] for pod in pods(overlay) if pod["spec"]["containers"][0]["name"] == "api"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert api[probe]["httpGet"]["httpHeaders"] == [{"name": "Host", "value": "localhost"}]
    assert (
        api["livenessProbe"]["httpGet"]["path"] == "/healthz"
    )  # one that asked the ledger would restart all for nothing
    assert api["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_versioned_pods_are_the_unversioned_ones(overlay: Path) -> None:
    [own] = [pod for pod in pods(overlay) if pod["spec"]["containers"][0]["name"] == "worker"]
    base = deepcopy(documents(KUBERNETES / "base" / "worker.yaml")[0]["spec"]["template"])
    base["spec"]["containers"][0]["image"] = own["spec"]["containers"][0]["image"]
    assert (own == base) == (overlay.name not in MOUNTING_OTHERWISE)


def test_evidence_in_a_bucket_leaves_no_file_system_to_share(overlay: Path) -> None:
    is_in_bucket = "VOCLOOP_EVIDENCE_URL" in named(overlay, "ConfigMap")["vocloop"]["data"]
    mounts = [mount for pod in pods(overlay) for mount in pod["spec"]["containers"][0]["volumeMounts"]]
    shared = [mount for mount in mounts if mount["mountPath"].endswith("/evidence")]
    assert is_in_bucket == (overlay.name == "s3")
    assert (len(shared), len(named(overlay, "PersistentVolumeClaim"))) == ((0, 0) if is_in_bucket else (2, 1))


def test_the_codec_server_listens_where_its_service_sends(overlay: Path) -> None:
    servers = [pod["spec"]["containers"][0] for pod in pods(overlay) if pod["spec"]["containers"][0]["name"] == "codec"]
    settings = named(overlay, "ConfigMap")["vocloop"]["data"]
    assert len(servers) == (overlay.name == "codec") == ("VOCLOOP_CODEC_UI" in settings)
    for server in servers:
        assert server["ports"] == [{"name": "http", "containerPort": Settings().codec_port}]
        assert server["args"] == ["vocloop", "codec-server"]
        assert settings["VOCLOOP_CODEC_HOST"] == "0.0.0.0"
        assert named(overlay, "Service")["vocloop-codec"]["spec"]["ports"][0]["targetPort"] == "http"


def test_the_clouds_profile_is_the_one_that_is_documented(overlay: Path) -> None:
    profile = named(overlay, "ConfigMap").get("vocloop-temporal")
    documented = tomllib.loads((DEPLOY / "temporal" / "cloud.toml").read_text(encoding="utf-8"))
    assert (profile is not None) == (overlay.name == "temporal-cloud")
    if profile:
        assert tomllib.loads(profile["data"]["cloud.toml"]) == documented
