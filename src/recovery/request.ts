/**
 * Filing a recovery case: one open at a time, three new ones in a day, and a mail to every known address with a link
 * that cancels it, because whoever files it has proven no more than the password.
 */

import { randomInt } from 'node:crypto'
import { holdsCitizenNumber } from '../accounts/citizen-number.ts'
import { findPerson } from '../accounts/people.ts'
import { onOneLine } from '../accounts/plain-text.ts'
import { deed, refusal } from '../audit/audit.ts'
import { digest, randomToken } from '../lib/crypto.ts'
import { AppError } from '../lib/errors.ts'
import { DAY, HOUR } from '../lib/time.ts'
import type { Account } from '../person/account.ts'
import { keyOf } from '../person/kind.ts'
import type { RecoveryCase } from '../person/recovery-case.ts'
import { findOpenCase, insertCase, listCases, setContact } from '../person/recovery-case.ts'
import { unlessTaken } from '../record/records.ts'
import { caseRecord } from './case.ts'
import type { Recovery, RecoveryParts, Requested } from './recovery.ts'

const LONGEST_CONTACT = 200
const MOST_CONTACTS = 20
/** Nobody types it: contacts are on one line each. */
const BETWEEN = '\n'
/** Over a weekend. */
const CASE_LIFE = 72 * HOUR
const NEW_IN_A_DAY = 3
/** A number that is taken is drawn again: one in many thousands, twice in a row never. */
const DRAWS = 3

export function requester(parts: RecoveryParts): Recovery['request'] {
  const { people, seal, audit, notice, now, caseLife = CASE_LIFE } = parts

  /** Undefined if another tab was first, or the number is taken. */
  async function file(account: Account, contact: string): Promise<RecoveryCase | undefined> {
    const number = randomInt(100_000_000).toString().padStart(8, '0')
    const token = randomToken()
    const filed: RecoveryCase = {
      number,
      accountId: account.id,
      state: 'open',
      sealed: seal.seal(contact, caseRecord(number)),
      cancelDigest: digest(token),
      createdAt: now(),
      expiresAt: now() + caseLife,
      closedAt: undefined,
      closedBy: undefined,
      check: undefined,
      sealedNote: undefined,
    }
    // How to be reached is not in the mail: it may be a thief's words, and they would come from us.
    const told = notice(account, 'recovery-requested', { number, cancelHref: `${parts.issuer}/recovery/${token}` })
    const inserted = people.change(account.id, (person) => insertCase(person, filed, told))
    return (await unlessTaken(keyOf.case(number), false, inserted)) ? filed : undefined
  }

  /**
   * Whoever knows the password may have filed first, with a number of their own: the representative sees every way to be
   * reached that was given, and that there are several. If two are added at once one may be lost, and is typed again.
   */
  async function add({ accountId, number, sealed, expiresAt }: RecoveryCase, contact: string): Promise<Requested> {
    const known = seal.open(sealed, caseRecord(number)).split(BETWEEN)
    if (known.length >= MOST_CONTACTS && !known.includes(contact))
      return { ok: false, reason: 'too-many', retryAt: expiresAt }
    if (!known.includes(contact)) {
      const longer = seal.seal([...known, contact].join(BETWEEN), caseRecord(number))
      await people.change(accountId, (person) => setContact(person, number, sealed, longer))
    }
    return { ok: true, number, expiresAt, already: true }
  }

  /** The open case, or a new one. */
  async function either(account: Account, contact: string): Promise<{ filed: RecoveryCase; already: boolean }> {
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const filed = await file(account, contact)
      if (filed) return { filed, already: false }
      const open = findOpenCase(await findPerson(people, account.id), now())
      if (open) return { filed: open, already: true }
    }
    throw new AppError('no-case-number', `no free case number in ${DRAWS} draws`)
  }

  return async (account, typed, source): Promise<Requested> => {
    const contact = onOneLine(typed)
    if (contact === '') return { ok: false, reason: 'missing' }
    if ([...contact].length > LONGEST_CONTACT) return { ok: false, reason: 'too-long' }
    if (holdsCitizenNumber(contact)) return { ok: false, reason: 'citizen-number' }
    const person = await findPerson(people, account.id)
    const open = findOpenCase(person, now())
    if (open) return add(open, contact)
    // Counted by what is kept, so that tabs which file at once use up one: only one case can be open.
    const oldest = listCases(person).filter(({ createdAt }) => createdAt > now() - DAY)[NEW_IN_A_DAY - 1]
    if (oldest) {
      await audit(refusal('throttle.engaged', { account, source }, { door: 'recovery' }))
      return { ok: false, reason: 'too-many', retryAt: oldest.createdAt + DAY }
    }

    const { filed, already } = await either(account, contact)
    const { number, expiresAt } = filed
    if (already) return add(filed, contact)
    await audit(deed('recovery.requested', { account, source }, { case: number }))
    return { ok: true, number, expiresAt, already }
  }
}
