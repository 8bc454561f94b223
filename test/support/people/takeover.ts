/**
 * Somebody takes over what is another's: copies of a browser's cookies, and the moments in which such attacks succeed or
 * not. A store whose next write can be kept waiting, or fail, makes each of these moments last as long as a test needs.
 */

import type { DurableStore, Store } from '../../../src/store/store.ts'
import type { RunningApp } from '../app/app.ts'
import { pass } from '../app/clock.ts'
import { asked } from './asked-people.ts'
import { disturbedPeople } from './disturbed-people.ts'
import { Person } from './person.ts'
import { codeOf, PASSWORD, press } from './second-factor.ts'
import { NEXT_PASSWORD } from './settings-changes.ts'
import { reopen, type Someone } from './step-up.ts'

/** A method of a port, or the rule that a change of a person calls. */
type Write = string
type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>

export interface Held {
  /** The write is about to happen, and waits. */
  arrived: Promise<void>
  release(): void
}

export interface Disturbance {
  instrument(store: Store): Store
  /** Keeps the next write of this kind waiting; of artifacts, the next one of this model. */
  hold(write: Write, model?: string): Held
  /** The next write of this kind fails, as if the process had died before it. */
  fail(write: Write): void
}

/** What is not about people. */
function omit({ people: _people, ...others }: DurableStore): Omit<DurableStore, 'people'> {
  return others
}

export function disturbance(): Disturbance {
  const before = new Map<string, () => Promise<void>>()

  async function meet(key: string): Promise<void> {
    const wait = before.get(key)
    before.delete(key)
    await wait?.()
  }

  function disturbed<Port extends object>(port: Port): Port {
    const disturb =
      (name: string, method: Methods[string]) =>
      async (...args: unknown[]) => {
        const [first] = args
        const model = first !== null && typeof first === 'object' && 'model' in first ? first.model : first
        for (const key of [name, `${name} ${model}`]) await meet(key)
        return method(...args)
      }
    // A kind of record is no method, and is left as it is.
    const parts = Object.entries(port as unknown as Methods).map(([name, part]) => [
      name,
      typeof part === 'function' ? disturb(name, part) : part,
    ])
    return Object.fromEntries(parts) as Port
  }

  return {
    instrument: (store) => ({
      ...store,
      durable: {
        ...disturbed(omit(store.durable)),
        people: disturbedPeople(store.durable.people, { before: meet }),
      },
      expiring: disturbed(store.expiring),
    }),
    hold(write, model) {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      before.set(model ? `${write} ${model}` : write, () => {
        arrived.resolve()
        return released.promise
      })
      return { arrived: arrived.promise, release: released.resolve }
    },
    fail: (write) => void before.set(write, () => Promise.reject(new Error('the process is gone'))),
  }
}

/** Does `act`, and `meanwhile` at the moment when this write is about to happen. */
export async function during<T>(held: Held, act: () => Promise<T>, meanwhile: () => Promise<unknown>): Promise<T> {
  const acting = act()
  await Promise.race([
    held.arrived,
    acting.then(() => Promise.reject(new Error('nothing was held: the write never came'))),
  ])
  await meanwhile()
  held.release()
  return acting
}

/** Posts a form whose last letter comes only after `meanwhile`. */
export async function slowly(
  person: Person,
  { action, fields }: { action: string; fields: Record<string, string> },
  meanwhile: () => Promise<unknown>,
): Promise<number> {
  const address = new URL(action, person.page.url)
  const typed = new TextEncoder().encode(new URLSearchParams(fields).toString())
  const late = Promise.withResolvers<void>()
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(typed.slice(0, -1))
      await late.promise
      controller.enqueue(typed.slice(-1))
      controller.close()
    },
  })
  const cookies = person.cookies.filter(({ path }) => address.pathname.startsWith(path))
  const headers = {
    cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    origin: address.origin,
    'content-type': 'application/x-www-form-urlencoded',
  }
  // Required for a body that is sent while it is made; the types do not know it.
  const request: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    redirect: 'manual',
    headers,
    body,
    duplex: 'half',
  }
  const answering = fetch(address, request)
  await meanwhile()
  late.resolve()
  const answered = await answering
  await answered.body?.cancel()
  return answered.status
}

/** Sets a new password by a link that is mailed, in a browser that knows nothing else. */
export async function resetByMail(app: RunningApp, { email }: Someone): Promise<number> {
  const reader = new Person()
  await reader.visit(`${app.origin}/recover`)
  await reader.submit({ email })
  await reader.visit(await app.linkFor(email))
  const { status } = await reader.submit({ password: NEXT_PASSWORD, repeat: NEXT_PASSWORD })
  return status
}

/** Another browser of the same person, remembered, and signed in to nothing. */
export async function remembered(app: RunningApp, who: Someone): Promise<Someone> {
  const known = { ...who, browser: new Person() }
  await known.browser.visit(`${app.portalOrigin}/login`)
  await known.browser.submit({ email: who.email, password: PASSWORD })
  pass(30_000)
  await press(known.browser, 'verify', { code: codeOf(who.enrolled?.key ?? '', Date.now()), remember: 'yes' })
  reopen(known)
  return known
}

/** Whether an answer after the first `since` gave this browser a session. */
export function gotSession({ trail }: Person, since: number): boolean {
  const cookies = trail.slice(since).flatMap(({ headers }) => headers.getSetCookie())
  return cookies.some((line) => /^(__Host-)?sigma-session=[^;]/.test(line))
}

/** What the account has of second factors: kinds of authenticators, and whether there is a backup code. */
export async function factorsOf(app: RunningApp, { email }: Someone): Promise<string[]> {
  const { durable } = app.core.store
  const account = await asked(durable.people).findAccountByEmail(email)
  if (!account) throw new Error(`nobody is ${email}`)
  const kinds = (await asked(durable.people).listAuthenticators(account.id)).map(({ kind }) => kind)
  return [...kinds, ...((await asked(durable.people).findBackupCode(account.id)) ? ['backup'] : [])]
}
