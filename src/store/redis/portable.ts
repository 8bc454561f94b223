/** The expiring half on Redis for copying (portable.ts). */
import type { Redis } from 'ioredis'
import { SECOND } from '../../lib/time.ts'
import { inUse, PAGE, type Records, type Removable } from '../portable.ts'
import { parseRedisAddress } from './address.ts'
import { admission } from './admission.ts'
import { artifactNames, bites, fieldsOf, named, startOf } from './artifact-names.ts'
import { artifacts } from './artifacts.ts'
import { masters, redisClient, TIMEOUTS } from './connection.ts'
import { gate, type RunScript } from './gate.ts'
import type { RedisOptions } from './open.ts'

type ArtifactRecord = Records['artifacts']

export interface PortableArtifacts {
  artifacts: Removable<ArtifactRecord>
  close(): Promise<void>
}

const PREFIX = 'sigma-id'
const PATIENCE = 10 * SECOND
const FIELDS = ['sealed', 'expiresAt', 'grantKey', 'uidKey', 'accountId', 'consumedAt'] as const

const SET_CONSUMED = `
if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], 'consumedAt') end
return redis.call('HSET', KEYS[1], 'consumedAt', ARGV[2])`

/** Rejects with `store-in-use` if another process of ours is connected. */
export async function openRedisPortable(urls: string | string[], options: RedisOptions): Promise<PortableArtifacts> {
  const { now, prefix = PREFIX, onWarning = () => undefined } = options
  const client = redisClient(parseRedisAddress(urls), { ...TIMEOUTS, ...options.timeouts })
  const tag = `{${prefix}}`
  const { open, run, close } = gate(client, tag, admission(onWarning))
  try {
    await open(PATIENCE)
    const others = await Promise.all(masters(client).map(hasOthers))
    if (others.includes(true)) throw inUse('Redis')
  } catch (fault) {
    await close()
    throw fault
  }
  const kept = artifacts(run, tag, now)
  return { artifacts: section(run, tag, kept), close }
}

type Kept = Pick<ReturnType<typeof artifacts>, 'putArtifact' | 'removeArtifact'>

function section(run: RunScript, tag: string, { putArtifact, removeArtifact }: Kept): Removable<ArtifactRecord> {
  const start = startOf(tag)

  const read = (members: string[], ...fields: string[]) => fieldsOf(run, tag, members, ...fields)

  /** Of several sessions with one uid the one that came last is found: they come in that order. */
  async function inOrder(): Promise<string[]> {
    const turns: Array<{ member: string; turn: number }> = []
    for (const members of bites(await artifactNames(run, tag), PAGE)) {
      const replies = await read(members, 'turn')
      turns.push(...members.map((member, index) => ({ member, turn: Number(replies[index]?.[0] ?? 0) })))
    }
    return turns.sort((a, b) => a.turn - b.turn).map(({ member }) => member)
  }

  async function find(member: string): Promise<ArtifactRecord | undefined> {
    const [reply] = await read([member], ...FIELDS)
    return reply && toRecord(member, reply)
  }

  return {
    find,
    async *pages() {
      for (const members of bites(await inOrder(), PAGE)) {
        const replies = await read(members, ...FIELDS)
        yield members.flatMap((key, index) => {
          const record = toRecord(key, replies[index] ?? [])
          return record ? [{ key, record }] : []
        })
      }
    },
    // Two writes. Should we die in between, the mark in the durable half is still there, and the copy is made again.
    async put(member, record) {
      await putArtifact(record)
      await run(SET_CONSUMED, [start + member], [record.consumedAt ?? ''])
    },
    async remove(member) {
      const { model, key } = named(member)
      await removeArtifact(model, key)
    },
  }
}

function toRecord(member: string, reply: Array<string | null>): ArtifactRecord | undefined {
  const [sealed, expiresAt, grantKey, uidKey, accountId, consumedAt] = reply.map((field) => field ?? undefined)
  if (sealed === undefined) return undefined
  return {
    ...named(member),
    sealed,
    expiresAt: number(expiresAt),
    grantKey,
    uidKey,
    accountId,
    consumedAt: number(consumedAt),
  }
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}

/** Another connection with our name, to our database. Where we may not ask, nobody is seen. */
async function hasOthers(server: Redis): Promise<boolean> {
  try {
    const [id, list] = await Promise.all([server.client('ID'), server.client('LIST')])
    const clients = `${list}`.split('\n').map(fields)
    const ours = clients.find((client) => client.get('id') === `${id}`)
    return clients.some(
      (client) => client !== ours && client.get('name') === ours?.get('name') && client.get('db') === ours?.get('db'),
    )
  } catch {
    return false
  }
}

/** `name=value`, as CLIENT LIST answers. */
function fields(line: string): Map<string, string> {
  return new Map(
    line.split(' ').map((pair): [string, string] => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    }),
  )
}
