/**
 * The verb of the doctor: what is wrong with an application, the most likely first, and how it is mended. What mends it is
 * another verb, `client:change` or `client:secret-add`, over the version that was looked at.
 */
import { z } from 'zod'
import type { Line, Sentence, State } from '../doctor/diagnosis.ts'
import type { Fix } from '../doctor/evidence.ts'
import { AppError } from '../lib/errors.ts'
import { LOCALES, type Locale } from '../lib/locales.ts'
import { CLIENT_ADMINS, CLIENT_READERS, client } from './clients.ts'
import { mayRun } from './role.ts'
import { type AdminContext, insist, verb } from './verb.ts'

export interface CheckTold {
  check: string
  state: State
  /** Which fault it is, where there is one. */
  finding?: string | undefined
  sentence: string
  /** Which sentence that is, and what is in it, for whoever says it in words of their own. */
  said: Sentence
  values: Record<string, string | number>
  /** Milliseconds: when it was seen last. */
  at?: number | undefined
  fix?: { verb: 'client:change' | 'client:secret-add'; input: Record<string, unknown> } | undefined
}

export interface Told {
  client: string
  /** What a fix is made over. */
  version: number
  /** When the doctor acted as it last. */
  liveAt?: number | undefined
  checks: CheckTold[]
}

export const examineClient = verb({
  name: 'client:doctor',
  summary: 'Say what is wrong with an application, the most likely first, and how to mend it',
  roles: CLIENT_READERS,
  input: z.object({
    client,
    live: z.boolean().default(false).describe('also act as it: its addresses, and a sign-in by somebody made for it'),
    language: z
      .enum(LOCALES)
      .default('en')
      .describe(`of the sentences: ${LOCALES.join(' or ')} (en)`),
  }),
  async run(context, { client: id, live, language }, actor): Promise<Told> {
    // Whoever only looks makes nobody sign in.
    if (live) insist(mayRun(actor, CLIENT_ADMINS))
    const { doctor } = context
    if (live) await doctor.act(id)
    const found = await doctor.examine(id)
    if (!found) throw new AppError('not-found', `there is no application ${id}`, { status: 404 })
    const { client: name, version, liveAt, lines } = found
    return {
      client: name,
      version,
      liveAt,
      checks: lines.map((line) => told(context, line, { id, version, language })),
    }
  },
})

interface About {
  id: string
  version: number
  language: Locale
}

function told({ doctor }: AdminContext, line: Line, { id, version, language }: About): CheckTold {
  const { check, state, finding, sentence: said, values, at, fix } = line
  const sentence = doctor.say(line, language)
  return { check, state, finding, sentence, said, values, at, fix: fix && fixed(fix, id, version) }
}

function fixed(fix: Fix, id: string, version: number): CheckTold['fix'] {
  if (fix.kind === 'new-secret') return { verb: 'client:secret-add', input: { client: id } }
  return { verb: 'client:change', input: { client: id, version, ...fix.fields } }
}
