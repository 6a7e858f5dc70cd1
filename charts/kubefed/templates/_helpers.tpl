{{/* Everything here answers in JSON or in plain words; "live" is what the cluster holds, and nothing for `helm template`. */}}

{{/* `true` when only the release's namespace is federated; empty otherwise. */}}
{{- define "kubefed.namespaced" -}}
{{- if eq ((.Values.global).scope | default "Cluster") "Namespaced" -}}true{{- end -}}
{{- end -}}

{{- define "kubefed.labels" -}}
app.kubernetes.io/name: kubefed
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* The name of a cluster-scoped object: under scope Namespaced a cluster can have several federations. */}}
{{- define "kubefed.clusterWideName" -}}
{{- .name }}{{ if include "kubefed.namespaced" .root }}-{{ .root.Release.Namespace }}{{ end -}}
{{- end -}}

{{/* The live objects of a kind of core.kubefed.io/v1beta1 in the release's namespace, as a JSON list. */}}
{{- define "kubefed.live" -}}
{{- $found := dict -}}
{{- if .root.Capabilities.APIVersions.Has "core.kubefed.io/v1beta1" -}}
{{- $found = lookup "core.kubefed.io/v1beta1" .kind .root.Release.Namespace "" -}}
{{- end -}}
{{- $found.items | default list | toJson -}}
{{- end -}}

{{/* The image of a program: REPOSITORY/IMAGE:TAG. */}}
{{- define "kubefed.image" -}}
{{- $program := .program -}}
{{- if hasPrefix "quay.io/kubernetes-multicluster" ($program.repository | default "") -}}
{{- fail "the repository quay.io/kubernetes-multicluster holds KubeFed's own images, which do not run with this chart: name the repository of a kubefed image in controllermanager.controller and controllermanager.webhook. With `helm upgrade --reuse-values` these come from KubeFed's chart: use --reset-then-reuse-values" -}}
{{- end -}}
{{- with $program.repository -}}{{ . | trimSuffix "/" }}/{{- end -}}
{{ $program.image }}:{{ $program.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* What the pods of both Deployments have in common; `program` is one of controller and webhook. */}}
{{- define "kubefed.podAnnotations" -}}
{{- $annotations := merge (dict) (.program.podAnnotations | default dict) -}}
{{- if .program.forceRedeployment -}}
{{- $_ := set $annotations "kubefed.io/redeployed" (randAlphaNum 10) -}}
{{- end -}}
{{- with $annotations -}}annotations: {{- toYaml . | nindent 2 }}{{- end -}}
{{- end -}}

{{- define "kubefed.podPlacement" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- with .imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .commonNodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .commonTolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .commonAffinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "kubefed.container" -}}
image: {{ include "kubefed.image" . | quote }}
imagePullPolicy: {{ .program.imagePullPolicy }}
{{- with .program.env }}
env:
{{- range $name, $value := . }}
- name: {{ $name | quote }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- end }}
{{- with .program.resources }}
resources: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}
