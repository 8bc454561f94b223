/**
 * Adding an organization and changing one. What a change would do is shown before it is saved; a save over somebody else's
 * change is refused with what that was, and nothing that was typed is lost.
 */
import type { RouterContext } from '@koa/router'
import { z } from 'zod'
import type { Requester } from '../../../accounts/requester.ts'
import { changesGiven } from '../../../admin/organization.ts'
import {
  addOrganization,
  changeOrganization,
  OrganizationTaken,
  showOrganization,
} from '../../../admin/organizations.ts'
import { mayRun } from '../../../admin/role.ts'
import { insist, parseInput } from '../../../admin/verb.ts'
import { AppError, InputError } from '../../../lib/errors.ts'
import type { Fields } from '../../form.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import { ORGANIZATIONS, organizationAddress } from './list.ts'
import {
  inputOf,
  type OrganizationTexts,
  type Said,
  TEXTS,
  type TextName,
  textNamed,
  textsIn,
  textsOf,
} from './texts.ts'

/** Fields of the form that adds. */
export const ADDED = [...TEXTS]
/** Of the form that changes: what was read, and which of its buttons was pressed. */
export const CHANGED = [...TEXTS, 'version', 'was', 'does']

const NEW = `${ORGANIZATIONS}/new`
const EMPTY: OrganizationTexts = { name: '', number: '', domains: '', contacts: '', start: '', deadline: '' }

export interface FormPages {
  show: Visit
  take: Submission
}

interface Refused {
  status: number
  /** Fields that are not in order. */
  faults: TextName[]
  /** The field whose value another has, and who that is. */
  taken?: { field: TextName; holder: string | undefined }
}

export function addPages(at: Desk): FormPages {
  function show(ctx: RouterContext, requester: Requester, typed: OrganizationTexts, refused?: Refused): void {
    const data = { action: NEW, back: ORGANIZATIONS, typed, faults: [], ...refused }
    at.show(ctx, requester, { view: 'organization/form', self: NEW, status: refused?.status, data })
  }

  return {
    async show(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), addOrganization.roles))
      // A page that found an organization missing says its name.
      show(ctx, requester, { ...EMPTY, name: asked(ctx, 'name') })
    },
    async take(ctx, requester, fields) {
      const typed = textsIn(fields)
      try {
        const { id } = await at.run(ctx, requester, addOrganization, inputOf(typed))
        at.leaveNotice(ctx, 'organization-added')
        seeOther(ctx, organizationAddress(id))
      } catch (fault) {
        show(ctx, requester, typed, refusalOf(fault))
      }
    },
  }
}

export function changePages(at: Desk): FormPages {
  /** As it is now. */
  interface Loaded {
    id: string
    version: number
    said: Said
  }

  interface Form {
    found: Loaded
    typed: OrganizationTexts
    /** What the form showed at first, and its version. */
    was: OrganizationTexts
    version: number
  }

  async function load(ctx: RouterContext, requester: Requester): Promise<Loaded> {
    const shown = await at.run(ctx, requester, showOrganization, { organization: ctx.params.id })
    const { id, version, campaign, ...said } = shown
    const dates = campaign && { start: campaign.startsAt, deadline: campaign.deadlineAt }
    return { id, version, said: { ...said, campaign: dates } }
  }

  function show(ctx: RouterContext, requester: Requester, form: Form, refused: Partial<Refused> & More = {}): void {
    const { found, typed, was, version } = form
    const self = organizationAddress(found.id, '/change')
    const { name } = found.said
    const data = {
      action: self,
      back: organizationAddress(found.id),
      name,
      typed,
      was,
      version,
      faults: [],
      ...refused,
    }
    at.show(ctx, requester, { view: 'organization/form', self, status: refused.status, data })
  }

  /** What was typed here goes on over what somebody else saved; a field that was left alone is as they made it. */
  function overAgain({ found, typed, was }: Form): Form {
    const now = textsOf(found.said)
    const merged = Object.fromEntries(TEXTS.map((name) => [name, typed[name] === was[name] ? now[name] : typed[name]]))
    return { found, typed: merged as OrganizationTexts, was: now, version: found.version }
  }

  function showConflict(ctx: RouterContext, requester: Requester, form: Form): void {
    const meanwhile = differences(form.was, textsOf(form.found.said))
    show(ctx, requester, overAgain(form), { status: 409, meanwhile, conflict: true })
  }

  const givenBy = ({ found, typed, version }: Form) => ({ organization: found.id, version, ...inputOf(typed) })

  /** What saving would do. Throws an InputError. */
  function review(ctx: RouterContext, requester: Requester, form: Form): void {
    const { said, id } = form.found
    const next = { ...said, ...changesGiven(parseInput(changeOrganization.input, givenBy(form)), said) }
    const changes = differences(textsOf(said), textsOf(next))
    if (changes.length === 0) {
      show(ctx, requester, form, { unchanged: true })
      return
    }
    const self = organizationAddress(id, '/change')
    const data = { ...form, action: self, back: organizationAddress(id), name: said.name, changes }
    at.show(ctx, requester, { view: 'organization/review', self, data })
  }

  return {
    async show(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), changeOrganization.roles))
      const found = await load(ctx, requester)
      const texts = textsOf(found.said)
      show(ctx, requester, { found, typed: texts, was: texts, version: found.version })
    },

    async take(ctx, requester, fields) {
      insist(mayRun(at.actor(ctx, requester), changeOrganization.roles))
      const found = await load(ctx, requester)
      const form: Form = { found, typed: textsIn(fields), was: wasIn(fields), version: Number(fields.version) }
      if (fields.does === 'edit') return show(ctx, requester, form)
      if (form.version !== found.version) return showConflict(ctx, requester, form)
      try {
        if (fields.does !== 'save') return review(ctx, requester, form)
        await at.run(ctx, requester, changeOrganization, givenBy(form))
        at.leaveNotice(ctx, 'saved')
        seeOther(ctx, organizationAddress(found.id))
      } catch (fault) {
        // Somebody else was quicker by less than the time it takes to look.
        if (fault instanceof AppError && fault.code === 'changed-meanwhile')
          return showConflict(ctx, requester, { ...form, found: await load(ctx, requester) })
        show(ctx, requester, form, refusalOf(fault))
      }
    },
  }
}

interface More {
  unchanged?: boolean
  conflict?: boolean
  /** What somebody else changed since the form was shown. */
  meanwhile?: Difference[]
}

interface Difference {
  field: TextName
  from: string
  to: string
}

function differences(before: OrganizationTexts, after: OrganizationTexts): Difference[] {
  return TEXTS.flatMap((field) =>
    before[field] === after[field] ? [] : [{ field, from: before[field], to: after[field] }],
  )
}

const texts = z.strictObject(Object.fromEntries(TEXTS.map((name) => [name, z.string()])))

/** What the form of ours showed at first; a form that says something else is not ours, and compares with nothing. */
function wasIn({ was = '' }: Fields): OrganizationTexts {
  try {
    return texts.parse(JSON.parse(was)) as OrganizationTexts
  } catch {
    return EMPTY
  }
}

/** Throws what is no fault of what was typed. */
function refusalOf(fault: unknown): Refused {
  if (fault instanceof OrganizationTaken)
    return { status: 409, faults: [fault.field], taken: { field: fault.field, holder: fault.holder } }
  if (!(fault instanceof InputError)) throw fault
  const faults = fault.faults.map(({ path }) => textNamed(path))
  if (faults.includes(undefined)) throw fault
  return { status: 400, faults: faults.filter((name) => name !== undefined) }
}
