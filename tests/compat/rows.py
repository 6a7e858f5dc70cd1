"""The checklist of a drop-in successor, and the tests that show each row of it."""

from dataclasses import dataclass

_SYNC, _E2E, _UNIT = "tests/integration/sync", "tests/e2e", "tests/unit"
_TAKEOVER, _CHART = f"{_E2E}/takeover", "tests/integration/chart"
_REAL, _PLAYED = f"{_TAKEOVER}/test_real_kubefed.py", f"{_TAKEOVER}/test_takeover.py"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `on_servers` are tests on real API servers, `vectors` are tables of values that need none.

    Each names a test, a file or a folder as pytest does.
    """

    number: int
    title: str
    on_servers: tuple[str, ...]
    vectors: tuple[str, ...] = ()


ROWS = (
    Row(
        1,
        "the seven kinds: names, columns, subresources, required fields; a backup is restored",
        (
            "tests/integration/fedctl/test_restoring.py",
            f"{_REAL}::test_taking_over_from_kubefed_leaves_every_record_and_spec_as_it_is",
        ),
        (f"{_UNIT}/api/test_crds.py", f"{_UNIT}/fedctl/test_backup_contents.py"),
    ),
    Row(
        2,
        "ten default types and their CRDs; what enable makes",
        ("tests/integration/fedctl/test_federating.py::test_a_type_of_a_users_own_is_enabled_propagates_and_is_disabled",),
        (
            f"{_UNIT}/api/test_federated_crd.py",
            f"{_CHART}/test_values.py::test_the_ten_types_are_federated_and_outlive_the_release",
        ),
    ),
    Row(
        3,
        "labels, annotations, finalizers, opting out",
        (
            f"{_SYNC}/test_copies.py::test_a_copy_has_the_labels_of_its_template_and_the_managed_one_and_no_others",
            f"{_SYNC}/test_leaving.py::test_an_object_whose_owner_opted_out_is_left_alone",
            f"{_SYNC}/test_leaving.py::test_a_federated_object_is_there_until_its_copies_are_gone",
        ),
    ),
    Row(
        4,
        "hashes, gen: and rv:, names and owners of PropagatedVersions",
        (f"{_REAL}::test_a_record_of_ours_is_byte_for_byte_as_kubefeds", f"{_SYNC}/test_writes.py"),
        (f"{_UNIT}/sync/test_gojson.py", f"{_UNIT}/sync/test_hashes.py", f"{_UNIT}/sync/test_records_of_versions.py"),
    ),
    Row(
        5,
        "statuses by cluster, reasons, observedGeneration",
        (
            f"{_REAL}::test_statuses_say_what_kubefed_said",
            f"{_PLAYED}::test_statuses_keep_their_meaning_and_their_transition_times",
            f"{_SYNC}/test_bad_input.py",
        ),
        (
            f"{_UNIT}/sync/test_propagation_status.py",
            f"{_UNIT}/api/test_model.py::test_the_statuses_of_a_copy_are_kubefeds_nineteen_and_ten_are_retried",
        ),
    ),
    Row(
        6,
        "placement: null, [] and {}; namespaces; both scopes",
        (f"{_SYNC}/test_placement.py", f"{_SYNC}/test_namespaces.py", f"{_SYNC}/test_scope_namespaced.py"),
        (f"{_UNIT}/federated",),
    ),
    Row(
        7,
        "JSON patches: replace that inserts, negative indices, duplicates",
        (
            f"{_SYNC}/test_copies.py::test_a_copy_follows_its_template_and_its_overrides_from_creation_to_deletion",
            f"{_SYNC}/test_bad_input.py::test_an_override_that_cannot_apply_stops_its_own_cluster_only",
        ),
        (f"{_UNIT}/sync/test_jsonpatch.py", f"{_UNIT}/sync/test_overrides.py"),
    ),
    Row(
        8,
        "what an update retains; labels forced, annotations kept",
        (
            f"{_SYNC}/test_copies.py::test_an_update_of_a_service_keeps_the_addresses_that_the_member_gave_it",
            f"{_SYNC}/test_copies.py::test_replicas_that_an_autoscaler_set_stay_where_that_is_asked_for",
            f"{_SYNC}/test_copies.py::test_a_copy_that_somebody_changes_labels_or_deletes_is_put_back",
        ),
        (f"{_UNIT}/sync/test_retention.py",),
    ),
    Row(
        9,
        "adoption, AlreadyExists, the host's namespace by uid",
        (
            f"{_SYNC}/test_adoption_off.py",
            f"{_SYNC}/test_leaving.py::test_an_object_that_was_there_before_is_adopted_and_keeps_its_annotations",
            f"{_SYNC}/test_host_as_member.py",
        ),
    ),
    Row(
        10,
        "deletion, delete options, orphaning and its order, possible orphans",
        (f"{_SYNC}/test_leaving.py", f"{_PLAYED}::test_a_copy_that_kubefed_made_can_be_orphaned"),
        (f"{_UNIT}/sync/test_decide_ends.py",),
    ),
    Row(
        11,
        "ReplicaSchedulingPreference: the planner's vectors, intersection, what is written",
        ("tests/integration/scheduling",),
        (f"{_UNIT}/scheduling/test_planner.py", f"{_UNIT}/scheduling/test_rewriting.py"),
    ),
    Row(
        12,
        "health of clusters: conditions, thresholds, ClusterNotReady",
        (f"{_SYNC}/test_members_away.py",),
        (f"{_UNIT}/clusters/test_health.py",),
    ),
    Row(
        13,
        "KubeFedConfig: read, created, defaulted, validated; gates; one namespace",
        (
            "tests/integration/admission/test_verdicts_seen_by_people.py::test_a_config_is_stored_with_kubefeds_defaults_and_validated",
            f"{_E2E}/test_process_health.py::test_a_configuration_that_is_not_valid_ends_it_with_a_sentence",
            f"{_E2E}/test_collected_statuses.py",
        ),
        (f"{_UNIT}/api/test_defaults.py", f"{_UNIT}/api/test_config_validation.py"),
    ),
    Row(
        14,
        "webhooks: paths, verdicts, 403 with the fields",
        ("tests/integration/admission/test_verdicts_seen_by_people.py",),
        (f"{_UNIT}/admission",),
    ),
    Row(
        15,
        "kubefedctl: commands, flags, lines; what join leaves in both clusters",
        (
            "tests/integration/kubefedctl",
            "tests/integration/fedctl/test_joining.py::test_kubefeds_form_of_join_refuses_what_is_joined_unless_told_otherwise",
            "tests/integration/fedctl/test_federating.py::test_orphaning_is_switched_and_shown_as_kubefed_did",
        ),
        (f"{_UNIT}/kubefedctl",),
    ),
    Row(
        16,
        "names and labels of metrics, ports, log lines",
        ("tests/integration/observe", f"{_E2E}/test_process_health.py::test_a_process_that_works_is_alive_and_ready"),
        (f"{_UNIT}/app/test_flags.py", f"{_UNIT}/observe/test_metric_labels.py"),
    ),
    Row(
        17,
        "the chart's values, accounts and roles",
        (f"{_CHART}/test_on_a_server.py", f"{_CHART}/test_upgrading_kubefed.py"),
        (f"{_CHART}/test_values.py",),
    ),
    Row(
        18,
        "election by a Lease, and KubeFed's older locks",
        (f"{_E2E}/test_process_leaders.py", f"{_E2E}/test_predecessor.py"),
    ),
    Row(
        19,
        "a live KubeFed is taken over without a write to members, and comes back",
        (
            _REAL,
            f"{_PLAYED}::test_a_shadow_run_beside_kubefed_writes_nothing_and_prints_exactly_what_will_be_written",
            f"{_PLAYED}::test_nothing_is_written_while_kubefeds_lock_may_still_be_held",
            f"{_PLAYED}::test_members_see_one_write_for_each_difference_and_none_besides",
            f"{_PLAYED}::test_what_had_drifted_is_again_as_it_is_wanted",
            f"{_PLAYED}::test_a_kubefed_that_came_back_would_write_no_copy",
            f"{_PLAYED}::test_a_copy_that_kubefed_made_is_deleted_with_its_federated_object",
        ),
        (
            f"{_PLAYED}::test_the_rehearsal_hashes_templates_as_kubefed_did",
            f"{_PLAYED}::test_the_rehearsal_hashes_overrides_as_kubefed_did",
        ),
    ),
)
