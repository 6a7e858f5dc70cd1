#!/usr/bin/env bash
# The sandbox's topologies as kind clusters, for those who have Docker: real nodes, networks and pods.
#
# Works with bash 3.2 (macOS). Run it again at any time: what is there is kept, what is missing is added, and endpoints
# are written anew, because containers may get other addresses when Docker restarts. Nothing is run with --dry-run.
set -euo pipefail

usage() {
  printf '%s\n' \
    "usage: scripts/kind-up.sh [OPTIONS] NAME...          clusters of these names; the first one is the host" \
    "       scripts/kind-up.sh [OPTIONS] TOPOLOGY.yaml    the clusters of a topology file (examples/topologies/)" \
    "       scripts/kind-up.sh [OPTIONS] down NAME...|TOPOLOGY.yaml" \
    "" \
    "Each cluster has one control-plane and one worker node; its kubeconfig context is kind-NAME." \
    "" \
    "  --kubeconfig FILE   write contexts here instead of \$KUBECONFIG or ~/.kube/config" \
    "  --image IMAGE       node image, as kind takes it" \
    "  --istio             install Istio with istioctl in the clusters that the topology gives a mesh role, or in all" \
    "  --verify            afterwards run the demo, with its assertions, on these clusters" \
    "  --dry-run           print the commands instead of running them; needs neither Docker nor kind" \
    "  --help              this"
}

# --- what was asked for ----------------------------------------------------------------------------------------------

ROOT=$(cd "${BASH_SOURCE[0]%"${BASH_SOURCE[0]##*/}"}./.." && pwd)
ACTION=up
DRY_RUN=no
ISTIO=no
VERIFY=no
KUBECONFIG_FILE=""
IMAGE=""
WANTED=()

# One line per cluster: name, role, region, zones with commas, network, mesh, pod range, Service range; `-` for nothing.
CLUSTERS=""

fail() {
  printf 'error: %s\n' "$1" >&2
  if [ -n "${2:-}" ]; then printf '%s\n' "$2" >&2; fi
  exit "${3:-1}"
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --help | -h) usage; exit 0 ;;
      --dry-run) DRY_RUN=yes ;;
      --istio) ISTIO=yes ;;
      --verify) VERIFY=yes ;;
      --kubeconfig | --image)
        [ $# -ge 2 ] || fail "$1 needs a value" "See scripts/kind-up.sh --help." 2
        if [ "$1" = --image ]; then IMAGE=$2; else KUBECONFIG_FILE=$2; fi
        shift
        ;;
      -*) fail "there is no option $1" "See scripts/kind-up.sh --help." 2 ;;
      down) if [ ${#WANTED[@]} -eq 0 ]; then ACTION=down; else WANTED+=("$1"); fi ;;
      *) WANTED+=("$1") ;;
    esac
    shift
  done
  if [ ${#WANTED[@]} -eq 0 ]; then
    usage >&2
    exit 2
  fi
}

read_clusters() {
  case "${WANTED[0]}" in
    *.yaml | *.yml | */*)
      [ ${#WANTED[@]} -eq 1 ] || fail "a topology file stands alone" "Name one file, or clusters." 2
      CLUSTERS=$(fedctl_sandbox topology --output lines "${WANTED[0]}") || exit 2
      ;;
    *) CLUSTERS=$(clusters_by_name "${WANTED[@]}") ;;
  esac
  CLUSTERS=$(with_ranges <<<"$CLUSTERS")
}

clusters_by_name() {
  local role=host name seen=" "
  for name in "$@"; do
    is_label "$name" || fail "$name cannot name a cluster" "Use lower-case letters, digits and '-', at most 40 characters." 2
    case "$seen" in *" $name "*) fail "cluster named twice: $name" "" 2 ;; esac
    seen="$seen$name "
    printf '%s %s %s %s,%s %s - - -\n' "$name" "$role" "$name" "$name-a" "$name-b" network1
    role=member
  done
}

is_label() {
  [ ${#1} -le 40 ] || return 1
  case "$1" in *[!a-z0-9-]* | -* | *-) return 1 ;; esac
}

# kind gives every cluster the same ranges; clusters that reach each other's pods need different ones.
with_ranges() {
  local number=0 name role region zones network mesh pods services
  while read -r name role region zones network mesh pods services; do
    if [ "$pods" = - ]; then pods="10.$((16 + number)).0.0/16"; fi
    if [ "$services" = - ]; then services="10.$((128 + number)).0.0/16"; fi
    printf '%s %s %s %s %s %s %s %s\n' "$name" "$role" "$region" "$zones" "$network" "$mesh" "$pods" "$services"
    number=$((number + 1))
  done
}

fedctl_sandbox() {
  if [ -n "${FEDCTL:-}" ]; then
    "$FEDCTL" sandbox "$@"
  elif [ -x "$ROOT/.venv/bin/python" ]; then
    PYTHONPATH="$ROOT/cli:$ROOT" "$ROOT/.venv/bin/python" -m fedctl.sandbox "$@"
  elif has fedctl; then
    fedctl sandbox "$@"
  else
    fail "fedctl is needed to read a topology file" "Run 'make install', or name a fedctl with FEDCTL=PATH."
  fi
}

# --- what this machine has -------------------------------------------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1; }

is_linux() { case "$OSTYPE" in linux*) true ;; *) false ;; esac; }

check_machine() {
  local missing=""
  if ! has docker; then
    missing="$missing  docker    install Docker Engine, or Docker Desktop"$'\n'
  elif ! docker info >/dev/null 2>&1; then
    missing="$missing  docker    is installed but does not answer: start it, or get the right to use it (group docker)"$'\n'
  fi
  has kind || missing="$missing  kind      install it: https://kind.sigs.k8s.io"$'\n'
  has kubectl || missing="$missing  kubectl   install it: https://kubernetes.io/docs/tasks/tools"$'\n'
  if [ "$ISTIO" = yes ] && ! has istioctl; then
    missing="$missing  istioctl  install it for --istio: https://istio.io/latest/docs/ops/diagnostic-tools/istioctl"$'\n'
  fi
  if [ "$VERIFY" = yes ] && ! has make; then
    missing="$missing  make      install it for --verify"$'\n'
  fi
  [ -z "$missing" ] || fail $'this machine lacks what kind clusters need:\n'"${missing%$'\n'}" \
    "Without Docker, 'fedctl sandbox up' gives the same topology as plain API servers." 3
  warn_of_few_watches
}

# The known way in which the third or fourth kind cluster fails: "too many open files" in kube-proxy and the kubelet.
warn_of_few_watches() {
  local limit=""
  if is_linux && [ -r /proc/sys/fs/inotify/max_user_instances ]; then
    read -r limit </proc/sys/fs/inotify/max_user_instances
    if [ "$limit" -lt 512 ]; then
      printf 'note: fs.inotify.max_user_instances is %s; several clusters need more:\n' "$limit" >&2
      printf '      sudo sysctl -w fs.inotify.max_user_instances=512 fs.inotify.max_user_watches=524288\n' >&2
    fi
  fi
}

# --- doing it --------------------------------------------------------------------------------------------------------

say() { printf '+ %s\n' "$*"; }

# Say a command and run it; only say it in a dry run.
run() {
  say "$@"
  if [ "$DRY_RUN" = no ]; then "$@"; fi
}

kubectl_for() {
  local cluster=$1
  shift
  run kubectl ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"} --context "kind-$cluster" "$@"
}

exists() {
  [ "$DRY_RUN" = no ] && kind get clusters 2>/dev/null | grep -qx "$1"
}

kind_config() {
  printf '%s\n' \
    "kind: Cluster" \
    "apiVersion: kind.x-k8s.io/v1alpha4" \
    "networking:" \
    "  podSubnet: $1" \
    "  serviceSubnet: $2" \
    "nodes:" \
    "  - role: control-plane" \
    "  - role: worker"
}

create() {
  local name=$1 config
  if exists "$name"; then
    printf '%s is there already.\n' "$name"
    run kind export kubeconfig --name "$name" ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"}
    return
  fi
  config=$(kind_config "$2" "$3")
  run kind create cluster --name "$name" --config - --wait 180s \
    ${IMAGE:+--image "$IMAGE"} ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"} <<<"$config"
  if [ "$DRY_RUN" = yes ]; then printf '    %s\n' "${config//$'\n'/$'\n'    }"; fi
}

# The worker is in the first zone, the control-plane node in the last; with two zones both take pods.
place_nodes() {
  local name=$1 region=$2 zones=$3 place=topology.kubernetes.io
  [ "$region" != - ] || return 0
  kubectl_for "$name" label --overwrite node "$name-worker" "$name-control-plane" "$place/region=$region"
  [ "$zones" != - ] || return 0
  kubectl_for "$name" label --overwrite node "$name-worker" "$place/zone=${zones%%,*}"
  kubectl_for "$name" label --overwrite node "$name-control-plane" "$place/zone=${zones##*,}"
  if [ "${zones%%,*}" != "${zones##*,}" ]; then
    kubectl_for "$name" taint --overwrite node "$name-control-plane" node-role.kubernetes.io/control-plane=:PreferNoSchedule
    kubectl_for "$name" taint node "$name-control-plane" node-role.kubernetes.io/control-plane:NoSchedule- 2>/dev/null || true
  fi
}

address_of() {
  if [ "$DRY_RUN" = yes ]; then
    printf '<address of %s>' "$1"
  else
    docker inspect --format "{{(index .NetworkSettings.Networks \"${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}\").IPAddress}}" "$1"
  fi
}

# kind's contexts lead to 127.0.0.1, where another cluster's pods find only themselves. A container's address is reached
# from all clusters and, on Linux, from this machine; the API server's certificate names it.
publish_endpoint() {
  local name=$1 endpoint
  endpoint="https://$(address_of "$name-control-plane"):6443"
  if is_linux; then
    run kubectl config ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"} set-cluster "kind-$name" "--server=$endpoint"
    if [ "$DRY_RUN" = yes ] || kubectl_for "$name" --request-timeout=5s get --raw /readyz >/dev/null 2>&1; then return; fi
    run kind export kubeconfig --name "$name" ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"}
  fi
  # Docker Desktop, rootless Docker: containers are in a machine, or a network, of their own.
  printf 'note: from here %s is reached at 127.0.0.1 only. A kubefed that runs in another cluster needs\n' "$name"
  printf '      spec.apiEndpoint: %s in its KubeFedCluster.\n' "$endpoint"
}

# Clusters on one network reach each other's pods: each node learns a route to each other cluster's pod range.
connect() {
  local name=$1 network=$2 other _ other_network node
  while read -r other _ _ _ other_network _ <&4; do
    if [ "$other" = "$name" ] || [ "$other_network" != "$network" ]; then continue; fi
    for node in "$name-control-plane" "$name-worker"; do
      add_routes "$node" "$other"
    done
  done 4<<<"$CLUSTERS"
}

add_routes() {
  local node=$1 other=$2 target range
  for target in "$other-control-plane" "$other-worker"; do
    range=$(pod_range_of "$other" "$target")
    run docker exec "$node" ip route replace "$range" via "$(address_of "$target")"
  done
}

pod_range_of() {
  if [ "$DRY_RUN" = yes ]; then
    printf '<pod range of %s>' "$2"
  else
    kubectl ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"} --context "kind-$1" get node "$2" -o 'jsonpath={.spec.podCIDR}'
  fi
}

# One mesh over the clusters with a mesh role, or over all when none has one; each with a control plane of its own.
install_istio() {
  local name _ network mesh meshed="" roles
  roles=$(mesh_roles)
  while read -r name _ _ _ network mesh _ <&3; do
    if [ -n "$roles" ] && [ "$mesh" = - ]; then continue; fi
    meshed="$meshed $name"
    run istioctl install --skip-confirmation ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"} --context "kind-$name" \
      --set values.global.meshID=kubefed \
      --set "values.global.multiCluster.clusterName=$name" \
      --set "values.global.network=$network"
    kubectl_for "$name" label --overwrite namespace istio-system "topology.istio.io/network=$network"
  done 3<<<"$CLUSTERS"
  share_endpoints "$meshed"
}

mesh_roles() {
  local _ mesh
  while read -r _ _ _ _ _ mesh _; do
    if [ "$mesh" != - ]; then printf '%s ' "$mesh"; fi
  done <<<"$CLUSTERS"
}

# Let the control plane of each cluster read the endpoints of each other one.
share_endpoints() {
  local from to
  for from in $1; do
    for to in $1; do
      if [ "$from" != "$to" ]; then share_endpoints_of "$from" "$to"; fi
    done
  done
}

share_endpoints_of() {
  local server
  server="https://$(address_of "$1-control-plane"):6443"
  say istioctl create-remote-secret --context "kind-$1" --name "$1" --server "$server" "|" kubectl --context "kind-$2" apply -f -
  if [ "$DRY_RUN" = yes ]; then return; fi
  istioctl create-remote-secret ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"} --context "kind-$1" --name "$1" --server "$server" |
    kubectl ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"} --context "kind-$2" apply -f -
}

# --- the two actions -------------------------------------------------------------------------------------------------

# Lists are read from descriptors of their own: what runs inside the loops must not eat them from standard input.
up() {
  local name _ region zones network pods services
  while read -r name _ _ _ _ _ pods services <&3; do create "$name" "$pods" "$services"; done 3<<<"$CLUSTERS"
  while read -r name _ region zones network _ <&3; do
    place_nodes "$name" "$region" "$zones"
    publish_endpoint "$name"
    connect "$name" "$network"
  done 3<<<"$CLUSTERS"
  if [ "$ISTIO" = yes ]; then install_istio; fi
  if [ "$VERIFY" = yes ]; then
    run env ${KUBECONFIG_FILE:+"KUBECONFIG=$KUBECONFIG_FILE"} make -C "$ROOT" demo "DEMO_CONTEXTS=$(contexts)"
  fi
  printf '\nClusters: %s\nRemove them with: scripts/kind-up.sh down %s\n' "$(contexts)" "${WANTED[*]}"
}

# The host's context first, then the members', with commas.
contexts() {
  local name role _ host="" members=""
  while read -r name role _; do
    if [ "$role" = host ]; then host="kind-$name"; else members="$members,kind-$name"; fi
  done <<<"$CLUSTERS"
  printf '%s%s' "$host" "$members"
}

down() {
  local name _
  while read -r name _ <&3; do
    run kind delete cluster --name "$name" ${KUBECONFIG_FILE:+--kubeconfig "$KUBECONFIG_FILE"}
  done 3<<<"$CLUSTERS"
}

read_arguments "$@"
if [ "$DRY_RUN" = no ]; then check_machine; fi
read_clusters
"$ACTION"
