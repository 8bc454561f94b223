/** Carrying out one line of a plan: one write, decided on what is there by then, and its record in the audit trail. */
import { randomUUID } from 'node:crypto'
import type { Hasher } from '../accounts/password.ts'
import type { Audit, Source } from '../audit/audit.ts'
import type { Keyring, Sealer } from '../lib/crypto.ts'
import type { Clock } from '../lib/time.ts'
import { numberKey } from '../mfa/number-key.ts'
import { sealAuthenticator } from '../mfa/sealed-authenticator.ts'
import type { Directory } from '../organization/directory.ts'
import type { Invitation } from '../person/invitation.ts'
import { keyOf, type People } from '../person/kind.ts'
import { APP, NUMBER } from '../person/second-factor.ts'
import { KeyTaken } from '../record/records.ts'
import { inviteMade } from './inviting.ts'
import type { ImportOptions, Planned } from './planning.ts'
import { appOf, bring, type Prepared, rewrite } from './write.ts'

export interface CarryingParts {
  people: Pick<People, 'change' | 'findBy'>
  organizations: Pick<Directory, 'find'>
  hasher: Pick<Hasher, 'wrap'>
  seal: Sealer
  ring: Keyring
  audit: Audit
  now: Clock
}

export interface By {
  actor: string | undefined
  source: Source | undefined
}

/** `there`: another run of the same plan has just done it. `moved`: somebody changed meanwhile what it is about. */
export type Carried = 'done' | 'there' | 'moved'

export function carrying({ people, organizations, hasher, seal, ring, audit, now }: CarryingParts) {
  async function prepared(
    { step, did }: Planned,
    id: string,
    plan: string,
    source: string,
    invitation?: Invitation,
  ): Promise<Prepared | undefined> {
    if (!step) return undefined
    const { known, account, decision } = step
    const at = now()
    const touches = (field: string) => !account || decision.changes.some((change) => change.field === field)
    const organization = known.organizationId === undefined ? undefined : organizations.find(known.organizationId)
    const apps = touches('totp') ? (known.apps ?? []) : []
    const unused = { accountId: id, lastStep: 0, lastUsedAt: undefined, createdAt: at }
    const ofApp = { ...unused, kind: APP, numberKey: undefined, imported: true as const }
    const phone = known.phoneKey && touches('phone') ? (known.phone ?? undefined) : undefined
    return {
      known,
      passwordHash: known.password && touches('password') ? await hasher.wrap(known.password) : undefined,
      ending: organization?.record.ending,
      authenticators: apps.map((app) => sealAuthenticator(seal, app.secret, { ...ofApp, ...appOf(app, known.email) })),
      // Not of what goes with the switch: no other system has a secret of it, and its person has the phone still.
      number:
        phone &&
        sealAuthenticator(seal, phone.number, {
          ...{ ...unused, kind: NUMBER, label: phone.hint, numberKey: numberKey(ring, phone.number) },
        }),
      invitation,
      run: { plan, did },
      source,
      at,
    }
  }

  /** `there` if another run of the same plan has just done it. */
  async function create(
    planned: Planned,
    plan: string,
    options: ImportOptions,
    invitation: Invitation | undefined,
  ): Promise<Carried> {
    const id = planned.step?.known.id ?? randomUUID()
    const ready = await prepared(planned, id, plan, options.source, invitation)
    if (!ready) return 'moved'
    try {
      if (await people.change(id, (person) => bring(person, id, ready))) return 'done'
    } catch (fault) {
      if (!(fault instanceof KeyTaken)) throw fault
    }
    const other = await people.findBy(keyOf.external(options.source, ready.known.externalId))
    return other?.record.account?.imported?.run.plan === plan ? 'there' : 'moved'
  }

  async function change(planned: Planned, plan: string, options: ImportOptions): Promise<Carried> {
    const { step } = planned
    const account = step?.account
    const ready = account && (await prepared(planned, account.id, plan, options.source))
    if (!step || !account || !ready) return 'moved'
    try {
      return await people.change(account.id, (person) => rewrite(person, step.decision, ready))
    } catch (fault) {
      if (fault instanceof KeyTaken) return 'moved'
      throw fault
    }
  }

  async function invited(id: string, { round }: Invitation, by: By): Promise<'invited'> {
    await audit({ type: 'account.invited', outcome: 'ok', subject: id, ...by, details: { round } })
    return 'invited'
  }

  async function carry(planned: Planned, plan: string, options: ImportOptions, by: By, invitation?: Invitation) {
    const { do: what, externalId = '' } = planned.told
    if (what !== 'create' && what !== 'change') {
      const { id } = planned.step?.account ?? {}
      if (!invitation || id === undefined) return undefined
      return (await people.change(id, (person) => inviteMade(person, plan, invitation)))
        ? invited(id, invitation, by)
        : undefined
    }
    const outcome = await (what === 'create' ? create : change)(planned, plan, options, invitation)
    if (outcome !== 'done') return outcome
    const id = planned.step?.account?.id ?? (await people.findBy(keyOf.external(options.source, externalId)))?.id
    const details = { source: options.source, did: what }
    await audit({ type: 'account.imported', outcome: 'ok', ...(id !== undefined && { subject: id }), ...by, details })
    if (what === 'create' && invitation && id !== undefined) await invited(id, invitation, by)
    return outcome
  }

  return carry
}
