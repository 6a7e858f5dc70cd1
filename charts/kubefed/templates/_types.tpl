{{/*
The FederatedTypeConfigs that there are to be, as a JSON list: the ten that an installation starts with, and all others that
are live. On an upgrade, a type that somebody disabled stays disabled, and one that somebody deleted stays deleted.
*/}}
{{- define "kubefed.typeConfigs" -}}
{{- $live := dict -}}
{{- range include "kubefed.live" (dict "root" . "kind" "FederatedTypeConfig") | fromJsonArray -}}
{{- $_ := set $live .metadata.name (dict "name" .metadata.name "spec" .spec "theirs" true) -}}
{{- end -}}
{{- $wanted := dict -}}
{{- range $type := (.Files.Get "files/types.yaml" | fromYaml).types -}}
{{- $found := get $live $type.name -}}
{{- if $found -}}
{{- $_ := set $type.spec "propagation" $found.spec.propagation -}}
{{- end -}}
{{- if or $found (empty $live) $.Release.IsInstall -}}
{{- $_ := set $wanted $type.name $type -}}
{{- end -}}
{{- end -}}
{{- range $name, $type := $live -}}
{{- if not (hasKey $wanted $name) -}}
{{- $_ := set $wanted $name $type -}}
{{- end -}}
{{- end -}}
{{- $wanted | values | toJson -}}
{{- end -}}

{{/*
The federated types of these, as a JSON object: `group/plural` to what a role must know of each.
*/}}
{{- define "kubefed.federatedTypes" -}}
{{- $types := dict -}}
{{- range include "kubefed.typeConfigs" . | fromJsonArray -}}
{{- $federated := .spec.federatedType -}}
{{- $target := .spec.targetType -}}
{{- $group := $target.group | default "" -}}
{{- $facts := dict "group" $federated.group "plural" $federated.pluralName -}}
{{- $_ := set $facts "grantsRights" (eq $group "rbac.authorization.k8s.io") -}}
{{- $_ := set $facts "holdsSecrets" (and (eq $group "") (eq $target.kind "Secret")) -}}
{{- $_ := set $types (printf "%s/%s" $federated.group $federated.pluralName) $facts -}}
{{- end -}}
{{- $types | toJson -}}
{{- end -}}

{{/* Rules on federated types, one a group: `verbs` on all but those of which `except` is true, or on a subresource of them. */}}
{{- define "kubefed.rulesOnTypes" -}}
{{- $groups := dict -}}
{{- range $key := keys .types | sortAlpha -}}
{{- $type := get $.types $key -}}
{{- if not (and $.except (get $type $.except)) -}}
{{- $resource := printf "%s%s" $type.plural ($.subresource | default "") -}}
{{- $_ := set $groups $type.group (append (get $groups $type.group | default list) $resource) -}}
{{- end -}}
{{- end -}}
{{- $rules := list -}}
{{- range $group := keys $groups | sortAlpha -}}
{{- $rules = append $rules (dict "apiGroups" (list $group) "resources" (get $groups $group) "verbs" $.verbs) -}}
{{- end -}}
{{- $rules | toYaml -}}
{{- end -}}
