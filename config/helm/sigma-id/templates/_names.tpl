{{- define "sigma-id.name" -}}
{{- if contains "sigma-id" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-sigma-id" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "sigma-id.selector" -}}
app.kubernetes.io/name: sigma-id
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sigma-id.labels" -}}
{{ include "sigma-id.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "sigma-id.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end }}

{{- define "sigma-id.settings" -}}
{{- $own := dict "issuer" .Values.issuer "listen" (dict "host" "0.0.0.0" "port" 3000) "operations" (dict "host" "0.0.0.0" "port" 3010) "store" (dict "kind" "cluster") "clients" "/etc/sigma-id/clients.yaml" -}}
{{- toYaml (merge $own .Values.settings) -}}
{{- end }}
