/** The chart, by helm itself and by the schemas of the API of Kubernetes: what comes of it with three kinds of values. */
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { loadConfig } from '../../src/config.ts'
import { RELEASE } from '../../src/lib/release.ts'
import { madeSecrets, read, root, SMTP_URL, temporaryFolder } from '../support/app/deployment.ts'
import { missingServices } from '../support/services/servers.ts'
import { describeUnless } from '../support/services/services.ts'

const APPLICATIONS = join(root, 'test/peers/apps')
const HELM = join(APPLICATIONS, 'helm/.made/helm')
const VALIDATE = join(APPLICATIONS, '.made/python/bin/kubernetes-validate')
const CHART = join(root, 'config/helm/sigma-id')
const VALUES = ['plain', 'full', 'small'] as const
/** Of Kubernetes: the oldest that the chart says, and the newest that there are schemas of. */
const VERSIONS = ['1.28.0', '1.37.0']

/** As much of a resource as is looked at. */
interface Resource {
  kind: string
  metadata: { name: string; labels: Record<string, string> }
  data: Record<string, string>
  spec: Record<string, unknown>
}

interface Container {
  image: string
  env: Array<{ name: string; value?: string }>
  securityContext: object
  ports: Array<{ name: string; containerPort: number }>
  volumeMounts: Array<{ name: string; mountPath: string; readOnly?: boolean }>
  [probe: `${string}Probe`]: { httpGet: object }
}

function helm(...args: string[]) {
  return spawnSync(HELM, args, { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: temporaryFolder() } })
}

function valuesFile(name: string): string {
  return join(APPLICATIONS, `helm/values/${name}.yaml`)
}

function rendered(values: string, version = '1.37.0'): Resource[] {
  const { status, stdout, stderr } = helm('template', 'sigma-id', CHART, '--values', values, '--kube-version', version)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return parseAllDocuments(stdout).map((document) => document.toJS())
}

function only(resources: Resource[], kind: string): Resource {
  const [found, ...others] = resources.filter((one) => one.kind === kind)
  if (!found || others.length > 0) throw new Error(`not one ${kind}`)
  return found
}

function podOf(resources: Resource[]) {
  const { template } = only(resources, 'Deployment').spec as {
    template: { metadata: { annotations: Record<string, string> }; spec: Record<string, unknown> }
  }
  const [container] = template.spec.containers as [Container]
  return { ...template, container }
}

const missing = [
  ...missingServices(['go', 'python']),
  ...(existsSync(HELM) && existsSync(VALIDATE) ? [] : ['what test/peers/apps/prepare brings']),
].slice(0, 1)

describeUnless(missing, 'the chart', () => {
  test.each(VALUES)('with values/%s.yaml is in order for helm, and for Kubernetes, old and new', (name) => {
    const linted = helm('lint', '--strict', CHART, '--values', valuesFile(name), '--kube-version', '1.37.0')
    expect([linted.status, linted.stdout]).toEqual([0, expect.stringMatching(/0 chart\(s\) failed/)])
    for (const version of VERSIONS) {
      const resources = rendered(valuesFile(name), version)
      const file = join(temporaryFolder(), 'rendered.yaml')
      // Whose kind is not Kubernetes' own has no schema here.
      const own = resources.filter(({ kind }) => !['ServiceMonitor', 'PrometheusRule'].includes(kind))
      writeFileSync(file, own.map((one) => stringify(one)).join('---\n'))
      const checked = spawnSync(VALIDATE, ['--strict', '--kubernetes-version', version, file], { encoding: 'utf8' })
      const passed = [...`${checked.stdout}${checked.stderr}`.matchAll(/ passed for resource /g)]
      expect([checked.status, passed.length]).toEqual([0, own.length])
    }
  })

  test('what it does not have, each with the values that make it', () => {
    const kinds = (name: string) => rendered(valuesFile(name)).map(({ kind }) => kind)
    const plain = [
      'NetworkPolicy',
      'PodDisruptionBudget',
      'ServiceAccount',
      'ConfigMap',
      'Service',
      'Service',
      'Deployment',
    ]
    expect(kinds('plain')).toEqual(plain)
    expect(kinds('small')).toEqual(plain.slice(1))
    expect(kinds('full')).toEqual([...plain, 'Ingress', 'PrometheusRule', 'ServiceMonitor'])
  })

  test.each(VALUES)('with values/%s.yaml: settings that a node takes, with the secrets from files', (name) => {
    const resources = rendered(valuesFile(name))
    const { container, spec } = podOf(resources)
    const [folder, secrets] = [temporaryFolder(), madeSecrets()]
    for (const [file, text] of Object.entries(only(resources, 'ConfigMap').data))
      writeFileSync(join(folder, file), text.replace('/etc/sigma-id', folder))
    const env = Object.fromEntries(
      container.env.map(({ name: variable, value = '' }) => [
        variable,
        value.replace('/run/secrets/sigma-id', secrets).replace('/etc/sigma-id', folder),
      ]),
    )
    const config = loadConfig(root, { NODE_ENV: 'production', ...env })
    expect(config).toMatchObject({
      ...{ issuer: 'https://id.sigma.example', production: true, store: { kind: 'cluster' }, smtpUrl: SMTP_URL },
      clients: { file: join(folder, 'clients.yaml') },
    })
    // What listens is what is asked and sent requests.
    expect(container.ports).toEqual([
      { name: 'web', containerPort: config.listen.port },
      { name: 'operations', containerPort: config.operations.port },
    ])
    expect([config.listen.host, config.operations.host]).toEqual(['0.0.0.0', '0.0.0.0'])
    expect(spec).toMatchObject({ terminationGracePeriodSeconds: 35, automountServiceAccountToken: false })
  })

  test.each(VALUES)('with values/%s.yaml: no right that a node does not need, and no secret in a variable', (name) => {
    const { container, spec } = podOf(rendered(valuesFile(name)))
    expect(spec.securityContext).toEqual({
      ...{ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ['ALL'] },
    })
    for (const { name: variable, value } of container.env)
      if (!['SIGMA_CONFIG', 'NODE_EXTRA_CA_CERTS'].includes(variable))
        expect(`${variable} ${value}`).toMatch(/^\w+_FILE \/run\/secrets\/sigma-id\/[a-z-]+$/)
    const writable = container.volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath)
    expect(writable).toEqual(['/tmp'])
  })

  test('alive and ready are two things, both asked where only the cluster gets to', () => {
    const resources = rendered(valuesFile('full'))
    const { container } = podOf(resources)
    const asked = (path: string) => ({ path, port: 'operations' })
    expect(container.startupProbe?.httpGet).toEqual(asked('/healthz'))
    expect(container.livenessProbe?.httpGet).toEqual(asked('/healthz'))
    expect(container.readinessProbe?.httpGet).toEqual(asked('/readyz'))
    // The ingress leads to the pages, and to nothing else.
    expect(JSON.stringify(only(resources, 'Ingress').spec)).not.toContain('operations')
    const { ingress, egress } = only(resources, 'NetworkPolicy').spec as Record<'ingress' | 'egress', object[]>
    const from = (namespace: string, port: string) => ({
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
      ports: [{ protocol: 'TCP', port }],
    })
    expect(ingress).toEqual([from('traefik', 'web'), from('monitoring', 'operations')])
    expect(egress).toContainEqual({
      ports: [{ protocol: 'TCP', port: 27017 }],
      to: [{ ipBlock: { cidr: '10.0.0.0/24' } }],
    })
    expect(egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 443 }] })
  })

  test('the alerts are those of config/monitoring, and find what Prometheus is led to', () => {
    const resources = rendered(valuesFile('full'))
    expect(only(resources, 'PrometheusRule').spec).toEqual(parse(read('config/monitoring/alerts.yaml')))
    expect(only(resources, 'ServiceMonitor').spec.endpoints).toMatchObject([
      { port: 'operations', path: '/metrics', relabelings: [{ targetLabel: 'job', replacement: 'sigma-id' }] },
    ])
  })

  test('the image is that of the release, or what is said; a changed setting restarts the nodes', () => {
    const image = (name: string) => podOf(rendered(valuesFile(name))).container.image
    expect(VALUES.map(image)).toEqual([
      `sigma-id:${RELEASE}`,
      `registry.sigma.example/sigma-id@sha256:${'0123456789abcdef'.repeat(4)}`,
      'sigma-id:0.2.1-rc.1',
    ])
    const checksum = (name: string) => podOf(rendered(valuesFile(name))).metadata.annotations['checksum/config']
    expect(checksum('plain')).toBe(checksum('small'))
    expect(checksum('plain')).not.toBe(checksum('full'))
  })

  test.each<[string, object]>([
    ['an issuer that is not https', { issuer: 'http://id.sigma.example' }],
    ['an issuer with a path', { issuer: 'https://id.sigma.example/id' }],
    ['no node at all', { replicas: 0 }],
    ['a digest that is none', { image: { repository: 'x', digest: 'sha256:1' } }],
    ['a value that there is not', { replicaCount: 3 }],
    ['a setting that is the chart’s', { settings: { store: { kind: 'embedded' } } }],
    ['a secret in the place of a key', { namedSecrets: { PORTAL_CLIENT_SECRET: 'not a/key' } }],
    ['a port that is none', { networkPolicy: { egress: { redis: { port: 0 } } } }],
  ])('refuses %s', (_what, values) => {
    const file = join(temporaryFolder(), 'values.yaml')
    writeFileSync(file, stringify({ ...parse('issuer: https://id.sigma.example'), ...values }))
    const { status, stderr } = helm('template', 'sigma-id', CHART, '--values', file, '--kube-version', '1.37.0')
    expect([status, stderr]).toEqual([1, expect.stringContaining("values don't meet the specifications of the schema")])
  })
})
