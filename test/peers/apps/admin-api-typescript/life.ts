/**
 * The whole life of an application by a client whose types are generated from the document (openapi-typescript), held to
 * them by the compiler, and run as it stands. Prints what came of each step.
 */
import createClient from 'openapi-fetch'
import type { paths } from './.made/schema.d.ts'

const { API = '', TOKEN = '' } = process.env
const api = createClient<paths>({ baseUrl: API, headers: { Authorization: `Bearer ${TOKEN}` } })
const client = 'life-ts'
const path = { client }
const told: Record<string, unknown> = {}

const once = (key: string) => ({ 'Idempotency-Key': `"${key}"` })
const over = (response: Response) => ({ 'If-Match': response.headers.get('etag') ?? '' })

const made = await api.POST('/clients', {
  params: { header: once('life-ts-1') },
  body: {
    client_id: client,
    client_name: 'Life',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    scope: 'payroll:read',
  },
})
told.made = [made.response.status, made.data?.version, made.data?.secret?.value?.length]
const again = await api.POST('/clients', {
  params: { header: once('life-ts-1') },
  body: {
    client_id: client,
    client_name: 'Life',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    scope: 'payroll:read',
  },
})
told.again = [again.response.status, again.data?.secret?.value ?? 'none', again.data?.secret?.shown]

const read = await api.GET('/clients/{client}', { params: { path } })
told.read = [read.data?.definition?.client_name, read.data?.status]
const body = { client_name: 'Life of a client' }
const changed = await api.PATCH('/clients/{client}', { params: { path, header: over(read.response) }, body })
told.changed = changed.data?.changes.map(({ field }) => field)
const stale = await api.PATCH('/clients/{client}', { params: { path, header: over(read.response) }, body })
told.stale = [stale.response.status, stale.error?.code, stale.error?.since?.[0]?.fields]

const secret = await api.POST('/clients/{client}/secrets', {
  params: { path, header: { ...over(changed.response), ...once('life-ts-2') } },
})
told.secret = [secret.response.status, secret.data?.secret?.value?.length]
const old = read.data?.secrets[0]?.id ?? ''
const removed = await api.DELETE('/clients/{client}/secrets/{secret}', {
  params: { path: { client, secret: old }, header: over(secret.response) },
})
told.removed = removed.response.status

const disabled = await api.POST('/clients/{client}/disable', { params: { path, header: over(removed.response) } })
const enabled = await api.POST('/clients/{client}/enable', { params: { path, header: over(disabled.response) } })
told.status = [disabled.response.status, enabled.response.status]
const list = await api.GET('/clients', { params: { query: { text: client, limit: 10 } } })
told.list = list.data?.items.map((item) => item.client)
const wrong = await api.PATCH('/clients/{client}', {
  params: { path, header: over(enabled.response) },
  body: { redirect_uris: ['http://life.example/*'] },
})
told.wrong = wrong.error?.errors?.map(({ pointer }) => pointer)
const deleted = await api.DELETE('/clients/{client}', { params: { path, header: over(enabled.response) } })
told.deleted = deleted.response.status
const gone = await api.GET('/clients/{client}', { params: { path } })
told.gone = gone.data?.status

process.stdout.write(JSON.stringify(told))
