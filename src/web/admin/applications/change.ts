/**
 * Changing an application: the form, what would change, **Save**. It is saved over the version that was looked at. Somebody
 * else's change meanwhile is shown, stays, and what was typed goes on over it.
 */
import type { RouterContext } from '@koa/router'
import { previewClient, showClient } from '../../../admin/client-looks.ts'
import { changeClient } from '../../../admin/clients.ts'
import type { Verb } from '../../../admin/verb.ts'
import { asWritten } from '../../../client/as-yaml.ts'
import type { Definition } from '../../../client/record.ts'
import { AppError } from '../../../lib/errors.ts'
import { isSame } from '../../../record/copy.ts'
import type { Fields } from '../../form.ts'
import { seeOther } from '../../page.ts'
import type { SignedInRequester, Submission, Visit } from '../../signed-in.ts'
import { asked } from '../address.ts'
import { goToApproval } from '../approvals.ts'
import type { Desk } from '../desk.ts'
import { withText } from './as-text.ts'
import { shownChanges } from './diff.ts'
import { asForm, changedIn, GROUPS, NAMES, OWN_SCOPE_NAMES } from './form.ts'
import { applicationAddress, changeable, headOf } from './head.ts'
import { reasonIn, type Trouble, troubleIn } from './refused.ts'
import { shownAt, type Whole, yamlOf } from './shown.ts'

/** Fields of the form, as words or as text. `read` is the version that it was filled in from, `version` the one that the changes were shown over. */
export const CHANGE = [...NAMES, 'yaml', 'read', 'version', 'step']

const PATH = '/change'

export interface ChangePages {
  show: Visit
  send: Submission
  /** Of somebody who has to prove a second factor again before anything is saved. */
  stale: Submission
}

interface Asking {
  ctx: RouterContext
  requester: SignedInRequester
  application: Whole
}

export function changePages(at: Desk): ChangePages {
  function showForm({ ctx, requester, application }: Asking, typed: Fields, trouble?: Trouble): void {
    const { client } = application
    const text = typed.yaml !== undefined
    at.show(ctx, requester, {
      view: text ? 'application/change-text' : 'application/change',
      self: applicationAddress(client, text ? `${PATH}?as=yaml` : PATH),
      status: trouble?.status,
      data: {
        head: headOf(at, requester, application, 'change'),
        action: applicationAddress(client, PATH),
        otherHref: applicationAddress(client, text ? PATH : `${PATH}?as=yaml`),
        groups: GROUPS,
        scopes: OWN_SCOPE_NAMES,
        typed,
        faults: trouble?.kind === 'faults' ? trouble.faults : [],
        refused: reasonIn(trouble),
      },
    })
  }

  async function definitionAt({ ctx, requester, application }: Asking, version: number): Promise<Definition> {
    if (version === application.version) return application.definition
    try {
      const then = await at.run(ctx, requester, showClient, { client: application.client, version })
      return then.definition
    } catch (fault) {
      // So long ago that it is not kept any more: then everything that differs is shown.
      if (fault instanceof AppError && fault.code === 'no-such-version') return application.definition
      throw fault
    }
  }

  /** Runs the verb on what was changed since the form was filled in, over this version. */
  async function runOn<R>(asking: Asking, verb: Verb<R>, fields: Fields, version: number): Promise<R> {
    const { ctx, requester, application } = asking
    const before = await definitionAt(asking, numberIn(fields.read) ?? application.version)
    const run = <T>(one: Verb<T>, changed: Record<string, unknown>) =>
      at.run(ctx, requester, one, inputFor(application.client, changed, version))
    if (fields.yaml === undefined) return run(verb, changedIn(fields, before))
    const written = asWritten({ noun: 'client', record: { definition: before, secrets: application.secrets } })
    return withText(fields.yaml, {
      check: ({ definition }) => run(previewClient, differing(definition, written)),
      use: ({ definition }) => run(verb, differing(definition, written)),
    })
  }

  /** What would change, over the newest version; with what others changed since the form was filled in. */
  async function showChanges(asking: Asking, fields: Fields, { fresh, since }: Looking): Promise<void> {
    const { ctx, requester, application } = asking
    const { client, version } = application
    let meanwhile = since
    try {
      const read = numberIn(fields.version) ?? numberIn(fields.read) ?? version
      if (!meanwhile && read !== version) meanwhile = await changedSince(asking, fields, read)
      const { changes, waits } = await runOn(asking, previewClient, fields, version)
      at.show(ctx, requester, {
        view: 'application/changes',
        self: applicationAddress(client, PATH),
        status: since ? 409 : 200,
        data: {
          head: headOf(at, requester, application, 'change'),
          action: applicationAddress(client, PATH),
          back: applicationAddress(client),
          changes: shownChanges(changes),
          waits,
          meanwhile,
          version,
          typed: { ...kept(fields), read: fields.read ?? String(version) },
          fresh,
        },
      })
    } catch (fault) {
      showForm(asking, fields, await troubleIn(at, fault))
    }
  }

  async function changedSince(asking: Asking, fields: Fields, read: number): Promise<Since | undefined> {
    try {
      await runOn(asking, previewClient, fields, read)
      return undefined
    } catch (fault) {
      const trouble = await troubleIn(at, fault)
      return trouble.kind === 'meanwhile' ? trouble.since : undefined
    }
  }

  async function take(asking: Asking, fields: Fields, fresh: boolean): Promise<void> {
    const { ctx, application } = asking
    if (fields.step === 'edit') return showForm(asking, fields)
    if (fields.step !== 'save' || !fresh) return showChanges(asking, fields, { fresh })
    try {
      const version = numberIn(fields.version) ?? numberIn(fields.read) ?? application.version
      const { approval } = await runOn(asking, changeClient, fields, version)
      if (approval !== undefined) return goToApproval(at, ctx, approval)
    } catch (fault) {
      const trouble = await troubleIn(at, fault)
      if (trouble.kind !== 'meanwhile') return showForm(asking, fields, trouble)
      const newest = await shownAt(at, ctx, asking.requester)
      return showChanges({ ...asking, application: newest }, fields, { fresh, since: trouble.since })
    }
    at.leaveNotice(ctx, 'application-changed')
    seeOther(ctx, applicationAddress(application.client))
  }

  const submission =
    (fresh: boolean): Submission =>
    async (ctx, requester, fields) => {
      await at.insistSent(ctx, requester, changeClient)
      const application = await shownAt(at, ctx, requester)
      if (!changeable(application)) return seeOther(ctx, applicationAddress(application.client))
      await take({ ctx, requester, application }, fields, fresh)
    }

  return {
    async show(ctx, requester) {
      at.insistMay(ctx, requester, changeClient)
      const application = await shownAt(at, ctx, requester)
      if (!changeable(application)) return seeOther(ctx, applicationAddress(application.client))
      const read = String(application.version)
      const typed = asked(ctx, 'as') === 'yaml' ? { yaml: yamlOf(application) } : asForm(application.definition)
      showForm({ ctx, requester, application }, { ...typed, read })
    },
    send: submission(true),
    stale: submission(false),
  }
}

type Since = Extract<Trouble, { kind: 'meanwhile' }>['since']

interface Looking {
  fresh: boolean
  /** What a save that came too late found. */
  since?: Since
}

/** What the form holds, for another page of it. */
function kept(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !['csrf', 'for', 'step', 'version'].includes(name)),
  )
}

function inputFor(client: string, changed: Record<string, unknown>, version: number): Record<string, unknown> {
  const entries = Object.entries(changed)
  const unset = entries.filter(([, value]) => value === undefined).map(([name]) => name)
  return { ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)), client, version, unset }
}

/** Fields that are other than they were, or gone. */
function differing(given: Record<string, unknown>, before: Definition): Record<string, unknown> {
  const names = new Set([...Object.keys(given), ...Object.keys(before)])
  return Object.fromEntries(
    [...names].filter((name) => !isSame(given[name], before[name])).map((name) => [name, given[name]]),
  )
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
