/** The logos that applications have: given, taken away, and read for whoever asks at their address. */
import { digest as digestOf } from '../lib/crypto.ts'
import { type Clock, HOUR } from '../lib/time.ts'
import type { Kept, Refused, Who } from './administration.ts'
import { type Changing, refusalOf } from './changes.ts'
import { changeLogo, forget, keep, type LogoRecords } from './logo.ts'
import { type PictureFault, pictureOf } from './logo-picture.ts'
import { mayTouch, NOT_HELD } from './power.ts'
import { type ClientRecord, type ClientRecords, clientKind } from './record.ts'
import type { Registry } from './registry.ts'

export interface Logos {
  set(
    id: string,
    picture: Buffer,
    read: number | undefined,
    who: Who,
  ): Promise<Kept | Refused | { ok: false; reason: PictureFault }>
  remove(id: string, read: number | undefined, who: Who): Promise<Kept | Refused>
  /** PNG. Undefined for what no application has, which is known without asking the store. */
  find(digest: string): Promise<Buffer | undefined>
  /** Forgets those that no application has any more. */
  tidy(): Promise<void>
}

export interface LogosParts {
  clients: ClientRecords
  logos: LogoRecords
  registry: Pick<Registry, 'follow' | 'logos'>
  now: Clock
}

/** Bytes that are held, so that a page does not cost the store a read. */
const MOST_HELD = 4 * 1024 * 1024
/** One that nobody has is kept this long: whoever gives it names it right after. */
const LOOSE = HOUR

export function logos({ clients, logos: records, registry, now }: LogosParts): Logos {
  /** The one that was asked for last comes last. */
  const held = new Map<string, Buffer>()
  let size = 0

  function hold(digest: string, png: Buffer): void {
    drop(digest)
    held.set(digest, png)
    size += png.length
    for (const oldest of held.keys()) {
      if (size <= MOST_HELD) break
      drop(oldest)
    }
  }

  function drop(digest: string): void {
    size -= held.get(digest)?.length ?? 0
    held.delete(digest)
  }

  async function change(id: string, { logo, read }: Wanted, who: Who): Promise<Changing | typeof NOT_HELD> {
    const outcome = await clients.change(id, (draft) =>
      mayTouch(who, draft.definition) ? changeLogo(draft, { logo, read }, { ...who, at: now() }) : NOT_HELD,
    )
    await registry.follow()
    return outcome
  }

  return {
    async set(id, picture, read, who) {
      const refused = refusal(await clients.find(id), read, who)
      if (refused) return refused
      const made = await pictureOf(picture)
      if (!made.ok) return made
      const digest = digestOf(made.png)
      // First the picture: what a record names is there.
      await records.change(digest, (draft) => keep(draft, { digest, image: made.png.toString('base64') }, now()))
      return change(id, { logo: digest, read }, who)
    },
    remove: (id, read, who) => change(id, { logo: undefined, read }, who),
    async find(digest) {
      if (!registry.logos.has(digest)) return undefined
      const known = held.get(digest)
      const image = known ? undefined : (await records.find(digest))?.image
      const png = known ?? (image ? Buffer.from(image, 'base64') : undefined)
      if (png) hold(digest, png)
      return png
    },
    async tidy() {
      await registry.follow()
      for (const digest of await records.values('digest'))
        if (!registry.logos.has(String(digest)))
          await records.change(String(digest), (draft) => forget(draft, now() - LOOSE))
    },
  }
}

interface Wanted {
  logo: string | undefined
  read: number | undefined
}

/** Before anything is decoded; the write looks again. */
function refusal(record: ClientRecord = clientKind.empty(), read: number | undefined, who: Who) {
  if (!mayTouch(who, record.definition)) return NOT_HELD
  return refusalOf(record, { on: record.owner.kind, read })
}
