/** What is done to root keys: looking how they stand, and sealing everything anew. Every run is kept in the audit trail. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { operatorActor } from '../audit/actor.ts'
import type { Config } from '../config.ts'
import { inFrontElsewhere } from '../keys/in-use.ts'
import { type Resealed, reseal } from '../keys/reseal.ts'
import { allRootKeys } from '../keys/root-key.ts'
import { type Standing, type Standings, settle, standings, standingsBy } from '../keys/standing.ts'
import { inWords } from '../keys/survey.ts'
import type { Keyring } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { MINUTE } from '../lib/time.ts'
import type { Store } from '../store/store.ts'
import { type Foundation, openFoundation, type Surroundings } from './foundation.ts'

/** For a command: whoever asked closes it. */
export async function openRootKeyCommands(
  config: Config,
  { operator, ...surroundings }: Surroundings & { operator: string },
): Promise<{ commands: RootKeyCommands; close: () => Promise<void> }> {
  const foundation = await openFoundation(config, { ...surroundings, role: 'command', clientsFile: 'left' })
  return { commands: rootKeyCommands({ ...foundation, operator }), close: () => foundation.store.close() }
}

/** The keys with what is kept of those that are gone. Undefined where there is no store to have kept it. */
export async function ringWithKept(config: Config, surroundings: Surroundings): Promise<Keyring | undefined> {
  if (config.store.kind === 'embedded' && !existsSync(join(config.data, 'sigma-id.db'))) return undefined
  const { ring, store } = await openFoundation(config, { ...surroundings, role: 'command', clientsFile: 'left' })
  await store.close()
  return ring
}

export interface KeyStatus {
  keys: Array<Standing & { canBeRemoved: boolean; say: string }>
  /** Records that nobody can open, with whatever key. */
  broken: number
}

export interface RootKeyCommands {
  status(): Promise<KeyStatus>
  /** Rejects with `not-in-use` or `in-use-elsewhere` if what is sealed anew could not be opened by every server. */
  reseal(onProgress: (what: string, records: number) => void): Promise<{ resealed: Resealed } & KeyStatus>
}

type CommandParts = Pick<Foundation, 'ring' | 'now' | 'record'> & {
  store: Pick<Store, 'durable' | 'sealed' | 'leases'>
  operator: string
}

/** Of several at once one does it. */
const LEASE = 'keys:reseal'
const TURN = MINUTE

export function rootKeyCommands({ store, ring, now, record, operator }: CommandParts): RootKeyCommands {
  const { durable, sealed, leases } = store
  const { rootKeys: records } = durable
  const parts = { durable, sealed, ring }

  async function told(verb: string, details: Record<string, string | number> = {}): Promise<void> {
    const actor = operatorActor(operator)
    await record({
      type: 'admin.verb',
      outcome: 'ok',
      actor,
      details: { verb, via: 'command-line', operator, ...details },
    })
  }

  /** Other keys that a server has in front: of many nodes each a moment ago; of one server whichever it said last. */
  function inFrontOf(known: Awaited<ReturnType<typeof allRootKeys>>): string[] {
    if (leases) return inFrontElsewhere(known, ring, now())
    const ours = known.get(ring.current)?.usedAt ?? 0
    // Later than now was a clock that was ahead, and would hold it up until then.
    const isLater = (usedAt: number) => usedAt > ours && usedAt <= now()
    return [...known].flatMap(([id, { usedAt }]) => (id !== ring.current && isLater(usedAt) ? [id] : []))
  }

  async function said(found: Standings): Promise<KeyStatus> {
    const elsewhere = inFrontOf(await allRootKeys(records))
    const keys = found.keys.map((one) => {
      const canBeRemoved = one.state === 'removable' && !elsewhere.includes(one.id)
      return { ...one, canBeRemoved, say: sentence(one, elsewhere.includes(one.id)) }
    })
    return { keys, broken: found.survey.broken }
  }

  /** Every server has to be able to open what is sealed from now on. */
  async function insistInUse(): Promise<void> {
    const known = await allRootKeys(records)
    if ((known.get(ring.current)?.usedAt ?? 0) === 0)
      throw new AppError('not-in-use', `no server has begun with ${JSON.stringify(ring.current)} in front: ${RESTART}`)
    const [other] = inFrontOf(known)
    if (other === undefined) return
    const when = leases ? 'less than three minutes ago' : 'last'
    const reason = `a server had ${JSON.stringify(other)} in front ${when}`
    throw new AppError('in-use-elsewhere', `${reason}: ${RESTART}`, { status: 409 })
  }

  return {
    async status() {
      const found = await standings(parts)
      await told('keys:status')
      return said(found)
    },
    async reseal(onProgress) {
      await insistInUse()
      const holder = randomUUID()
      const hold = async () => {
        if (leases && !(await leases.acquire(LEASE, holder, TURN)))
          throw new AppError('in-progress', 'somebody else is sealing anew: see keys:status', { status: 409 })
      }
      await hold()
      try {
        await told('keys:reseal', { phase: 'begun', key: ring.current })
        const resealed = await reseal({
          ...parts,
          async onProgress(what, count) {
            onProgress(what, count)
            await hold()
          },
        })
        const found = await standings(parts)
        await settle(records, found, now())
        await told('keys:reseal', { phase: 'done', key: ring.current })
        return { resealed, ...(await said(await standingsBy(found.survey, parts))) }
      } finally {
        await leases?.release(LEASE, holder)
      }
    },
  }
}

const RESTART = 'restart every server with it in front, and run this again'

function sentence({ state, passwords }: Standing, isFrontElsewhere: boolean): string {
  if (isFrontElsewhere) return 'a server has it in front: it seals with it'
  const kept = passwords > 0 ? `; of ${inWords({ passwords })} the pepper is kept` : ''
  if (state === 'newest') return 'everything is sealed with it from now on'
  if (state === 'needed') return 'something needs it: run keys:reseal'
  if (state === 'removable') return `nothing that is kept needs it: it can be taken out of SIGMA_KEYS${kept}`
  if (state === 'gone') return `it is not in SIGMA_KEYS, and nothing needs it${kept}`
  return 'it is not in SIGMA_KEYS, and something needs it: put it back'
}
