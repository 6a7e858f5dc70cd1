{{/* A role that reaches as far as the federation does, and the head of its metadata. */}}
{{- define "kubefed.roleHead" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if include "kubefed.namespaced" .root }}Role{{ else }}ClusterRole{{ end }}
{{ include "kubefed.reachingMetadata" . }}
{{- end -}}

{{- define "kubefed.reachingMetadata" -}}
metadata:
  name: {{ .name }}
  {{- if include "kubefed.namespaced" .root }}
  namespace: {{ .root.Release.Namespace }}
  {{- end }}
  labels: {{- include "kubefed.labels" .root | nindent 4 }}
{{- end -}}

{{/* The binding of such a role to the controller. */}}
{{- define "kubefed.reachingBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ if include "kubefed.namespaced" .root }}RoleBinding{{ else }}ClusterRoleBinding{{ end }}
{{ include "kubefed.reachingMetadata" . }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ if include "kubefed.namespaced" .root }}Role{{ else }}ClusterRole{{ end }}
  name: {{ .role }}
{{ include "kubefed.subject" (dict "root" .root "account" "kubefed-controller") }}
{{- end -}}

{{- define "kubefed.subject" -}}
subjects:
- kind: ServiceAccount
  name: {{ .account }}
  namespace: {{ .root.Release.Namespace }}
{{- end -}}

{{/* A Role in the release's namespace, with its binding to an account. `rules` is a list. */}}
{{- define "kubefed.localRole" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "kubefed.labels" .root | nindent 4 }}
rules: {{- .rules | toYaml | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .binding | default .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "kubefed.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .name }}
{{ include "kubefed.subject" . }}
{{- end -}}

{{/* The rules of one Secret per member: those that values name, and those that live KubeFedClusters name. As a JSON list. */}}
{{- define "kubefed.credentialRules" -}}
{{- $names := (.root.Values.controllermanager.rbac).memberSecrets | default list -}}
{{- range include "kubefed.live" (dict "root" .root "kind" "KubeFedCluster") | fromJsonArray -}}
{{- with (.spec.secretRef | default dict).name -}}{{- $names = append $names . -}}{{- end -}}
{{- end -}}
{{- $rules := list -}}
{{- if $names -}}
{{- $rules = list (dict "apiGroups" (list "") "resources" (list "secrets") "resourceNames" ($names | uniq | sortAlpha) "verbs" .verbs) -}}
{{- end -}}
{{- $rules | toJson -}}
{{- end -}}

{{/* `true` when federated objects belong to Kubernetes' own edit, admin and view. */}}
{{- define "kubefed.aggregated" -}}
{{- $wish := (.Values.controllermanager.rbac).aggregate | toString -}}
{{- if has $wish (list "true" "false") -}}
{{- if eq $wish "true" -}}true{{- end -}}
{{- else -}}
{{- $live := lookup "rbac.authorization.k8s.io/v1" "ClusterRole" "" "kubefed-edit" -}}
{{- if eq (dig "metadata" "labels" "rbac.authorization.k8s.io/aggregate-to-edit" "" $live) "true" -}}true{{- end -}}
{{- end -}}
{{- end -}}
