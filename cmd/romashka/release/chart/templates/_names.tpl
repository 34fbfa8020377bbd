{{/* The name of all that a release makes. */}}
{{- define "romashka.name" -}}
{{- if contains "romashka" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-romashka" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* The labels by which pods are chosen; they never change. */}}
{{- define "romashka.chosen" -}}
app.kubernetes.io/name: romashka
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "romashka.labels" -}}
{{ include "romashka.chosen" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "romashka.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* Settings from the map, and those from a Secret. The listeners are the chart's. Numbers of YAML are
     floats here, and a large one would be written as 1e+06. */}}
{{- define "romashka.environment" -}}
env:
  - {name: PGRST_SERVER_PORT, value: "3000"}
  - {name: PGRST_ADMIN_SERVER_PORT, value: "3001"}
  {{- range $name, $value := omit .Values.settings "PGRST_SERVER_PORT" "PGRST_ADMIN_SERVER_PORT" }}
  - {name: {{ $name }}, value: {{ kindIs "float64" $value | ternary (int64 $value) $value | toString | quote }}}
  {{- end }}
{{- $secret := include "romashka.secret" . }}
{{- if $secret }}
envFrom:
  - secretRef: {name: {{ $secret }}}
{{- end }}
{{- end }}

{{- define "romashka.secret" -}}
{{- if and .Values.existingSecret .Values.secrets }}{{ fail "set existingSecret or secrets, not both" }}{{ end }}
{{- if .Values.existingSecret }}{{ .Values.existingSecret }}{{ else if .Values.secrets }}{{ include "romashka.name" . }}{{ end }}
{{- end }}

{{/* Nothing is written to disk, nobody is root. */}}
{{- define "romashka.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "romashka.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
