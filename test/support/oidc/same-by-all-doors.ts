/**
 * One application made by every door, each in an installation of its own. What is kept of it is to be the same, byte for
 * byte. A new door is one entry in `DOORS`.
 */
import { parse } from 'yaml'
import { applyClients, exportClients, planClients } from '../../../src/admin/client-file.ts'
import type { Actor } from '../../../src/admin/role.ts'
import { runVerb } from '../../../src/admin/verb.ts'
import { kindOf } from '../../../src/client/kinds.ts'
import type { ClientRecord } from '../../../src/client/record.ts'
import { asForm } from '../../../src/web/admin/applications/form.ts'
import { type RunningApp, startApp } from '../app/app.ts'
import { commandLine, installation, prepared } from '../app/process.ts'
import { colleague, send, visit } from '../people/help-desk.ts'
import type { Someone } from '../people/step-up.ts'
import { adminWorld, serviceCaller } from './admin-api.ts'

type Given = Record<string, unknown> & { client_id: string; client_name: string }

export interface Door {
  name: string
  /** Makes it, and answers what is kept. */
  make(definition: Given): Promise<string>
  /** Whether it can say all of this. */
  fits?(definition: Given): boolean
}

const MACHINE: Actor = { id: undefined, roles: [], via: 'command-line', operator: 'root', source: undefined }
const NEW = '/admin/applications/new'

/** What is kept, but for what differs by nature: who made it when and by which door, and secrets that we made. */
function bytesOf({ definition, status, secrets }: Pick<ClientRecord, 'definition' | 'status' | 'secrets'>): string {
  return JSON.stringify({ definition, status, secrets: secrets.map(({ env = 'made' }) => env) })
}

/** In a server of its own, looked at in its store. */
async function inApp({ client_id }: Given, make: (app: RunningApp) => Promise<void>): Promise<string> {
  const app = await startApp()
  try {
    await make(app)
    const record = await app.core.store.durable.clients.find(client_id)
    return record ? bytesOf(record) : 'nothing'
  } finally {
    await app.stop()
  }
}

async function asOwner(app: RunningApp, path: string): Promise<Someone> {
  const olga = await colleague(app, 'owner')
  await visit(app, olga, path)
  return olga
}

const byFile: Door = {
  name: 'file',
  // Whoever writes a file names the secret: none is made that nobody would see.
  fits: ({ client_secret, token_endpoint_auth_method: method = 'client_secret_basic' }) =>
    client_secret !== undefined || !String(method).startsWith('client_secret'),
  make: (definition) =>
    inApp(definition, async ({ core: { admin } }) => {
      const { yaml: before } = await runVerb(admin, exportClients, {}, MACHINE)
      const { clients } = parse(before) as { clients: unknown[] }
      const yaml = JSON.stringify({ clients: [...clients, definition] })
      const { digest } = await runVerb(admin, planClients, { yaml }, MACHINE)
      await runVerb(admin, applyClients, { yaml, digest }, MACHINE)
    }),
}

/** A process of its own, with texts and nothing else. */
const byCommand: Door = {
  name: 'command line',
  async make(definition) {
    const where = await prepared(await installation({ settings: { portal: undefined } }))
    const options = Object.entries(definition).flatMap(([name, value]) => optionsFor(name, value))
    await commandAnswer(where, 'client:add', ...options)
    return bytesOf(await commandAnswer(where, 'client:show', '--client', definition.client_id))
  },
}

function optionsFor(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => [`--${name}`, String(one)])
  return [`--${name}`, typeof value === 'string' ? value : JSON.stringify(value)]
}

async function commandAnswer(...given: Parameters<typeof commandLine>): Promise<ClientRecord> {
  const { code, out, err } = await commandLine(...given)
  if (code !== 0) throw new Error(err)
  return JSON.parse(out) as ClientRecord
}

const byText: Door = {
  name: 'page, pasted',
  make: (definition) =>
    inApp(definition, async (app) => {
      const olga = await asOwner(app, `${NEW}?as=yaml`)
      await send(olga, { yaml: JSON.stringify(definition), step: 'look' })
      await send(olga, { step: 'make' })
    }),
}

/** The three questions, and then the form of all that is said in words. */
const byWords: Door = {
  name: 'page, in words',
  // A key of its own is no kind: whoever begins with a secret has one.
  fits: ({ token_endpoint_auth_method: method, ...definition }) =>
    method !== 'private_key_jwt' && !('client_secret' in definition),
  make: (definition) =>
    inApp(definition, async (app) => {
      const { client_id: id, client_name: name } = definition
      const whole = await app.core.admin.clients.previewAdd(definition)
      if (!whole.ok) throw new Error(whole.reason)
      const olga = await asOwner(app, NEW)
      await send(olga, { kind: kindOf(definition), name, address: 'https://first.example.org/', id, step: 'look' })
      await send(olga, { step: 'make' })
      await visit(app, olga, `/admin/applications/${id}/change`)
      const {
        csrf = '',
        for: own = '',
        read = '',
      } = olga.browser.forms().find(({ fields }) => fields.csrf)?.fields ?? {}
      const fields = { ...asForm(whole.definition), csrf, for: own, read, version: read, step: 'save' }
      await olga.browser.post(`${app.origin}/admin/applications/${id}/change`, fields)
    }),
}

/** JSON, by a service that may. */
const byApi: Door = {
  name: 'api',
  async make(definition) {
    const at = await adminWorld()
    try {
      const robot = await serviceCaller(at, 'robot')
      const { status, body } = await robot.make('/clients', definition)
      if (status !== 201) throw new Error(JSON.stringify(body))
      const record = await at.app.core.store.durable.clients.find(definition.client_id)
      return record ? bytesOf(record) : 'nothing'
    } finally {
      await at.stop()
    }
  },
}

export const DOORS: Door[] = [byFile, byCommand, byApi, byText, byWords]

/** What each door keeps, by the name of the door. */
export async function madeByAllDoors(definition: Given): Promise<Record<string, string>> {
  const made: Record<string, string> = {}
  for (const { name, make, fits = () => true } of DOORS) if (fits(definition)) made[name] = await make(definition)
  return made
}
