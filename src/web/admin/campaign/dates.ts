/** Giving organizations dates: which, from when and until when; then whom that would stop; then it is done. */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { previewDates, setDates } from '../../../admin/campaign.ts'
import { InputError } from '../../../lib/errors.ts'
import type { Fields } from '../../form.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { addressOf } from '../address.ts'
import type { Desk } from '../desk.ts'
import { organizationAddress } from '../organizations/list.ts'
import { dateText } from '../organizations/texts.ts'
import { CAMPAIGN } from './overview.ts'

const DATES = `${CAMPAIGN}/dates`

/** Fields of the form; the ids of organizations stand in one, with spaces between, and so do the versions that were looked at. */
export const DATED = ['organizations', 'versions', 'start', 'deadline', 'does']

/** As many as fit in an address; a command gives dates to more. */
const MOST = 100

interface Typed {
  start: string
  deadline: string
}

export interface DatesPages {
  show: Visit
  take: Submission
}

export function datesPages(at: Desk): DatesPages {
  /** What these dates would do; those that stand on their records, where none are typed. */
  function preview(ctx: RouterContext, requester: Requester, ids: string[], typed: Partial<Typed>) {
    return at.run(ctx, requester, previewDates, { organization: ids, ...typed })
  }

  function selfOf(ids: string[]): string {
    return `${DATES}?${new URLSearchParams(ids.map((id) => ['organization', id]))}`
  }

  async function showForm(
    ctx: RouterContext,
    requester: Requester,
    ids: string[],
    typed?: Typed,
    faults: string[] = [],
  ): Promise<void> {
    const { organizations } = await preview(ctx, requester, ids, {})
    at.show(ctx, requester, {
      view: 'campaign/dates',
      self: selfOf(ids),
      status: faults.length > 0 ? 400 : 200,
      data: { ...common(ids), organizations, typed: typed ?? datesInCommon(organizations), faults },
    })
  }

  /** `conflict` where somebody else was first: what they did is what stands there now. */
  async function review(
    ctx: RouterContext,
    requester: Requester,
    ids: string[],
    typed: Typed,
    conflict = false,
  ): Promise<void> {
    const { organizations, before, after } = await preview(ctx, requester, ids, typed)
    const versions = organizations.map(({ version }) => version).join(' ')
    at.show(ctx, requester, {
      view: 'campaign/review',
      self: selfOf(ids),
      status: conflict ? 409 : 200,
      data: { ...common(ids), versions, organizations, before, after, typed, conflict, now: at.now() },
    })
  }

  async function save(
    ctx: RouterContext,
    requester: Requester,
    ids: string[],
    typed: Typed,
    versions: string[],
  ): Promise<void> {
    const { refused } = await at.run(ctx, requester, setDates, { organization: ids, versions, ...typed })
    const moved = refused.filter(({ reason }) => reason === 'changed-meanwhile').map(({ id }) => id)
    if (moved.length > 0) return review(ctx, requester, moved, typed, true)
    at.leaveNotice(ctx, refused.length > 0 ? 'dates-some' : 'dates-given')
    seeOther(ctx, backFrom(ids))
  }

  return {
    async show(ctx, requester) {
      at.insistMay(ctx, requester, setDates)
      const ids = [ctx.query.organization ?? []].flat().slice(0, MOST)
      // Nobody was ticked.
      if (ids.length === 0) return seeOther(ctx, `${CAMPAIGN}/organizations`)
      await showForm(ctx, requester, ids)
    },

    async take(ctx, requester, fields) {
      at.insistMay(ctx, requester, setDates)
      const ids = wordsIn(fields.organizations)
      const typed = typedIn(fields)
      if (ids.length === 0) return seeOther(ctx, `${CAMPAIGN}/organizations`)
      if (fields.does === 'edit') return showForm(ctx, requester, ids, typed)
      try {
        if (fields.does === 'save') await save(ctx, requester, ids, typed, wordsIn(fields.versions))
        else await review(ctx, requester, ids, typed)
      } catch (fault) {
        const faults = faultsIn(fault)
        if (!faults) throw fault
        await showForm(ctx, requester, ids, typed, faults)
      }
    },
  }
}

function common(ids: string[]) {
  return { action: DATES, ids: ids.join(' '), back: backFrom(ids) }
}

function backFrom(ids: string[]): string {
  const [only, ...others] = ids
  const list = addressOf(`${CAMPAIGN}/organizations`, {})
  return only !== undefined && others.length === 0 ? organizationAddress(only, '/campaign') : list
}

function wordsIn(text = ''): string[] {
  return text.split(' ').filter((word) => word !== '')
}

function typedIn({ start = '', deadline = '' }: Fields): Typed {
  return { start: start.trim(), deadline: deadline.trim() }
}

type Own = { from: string; startsAt: number | undefined; deadlineAt: number | undefined }

/** Those of their own that all of them have. */
function datesInCommon(organizations: Own[]): Typed {
  const own = organizations.map(({ from, startsAt, deadlineAt }) =>
    from === 'record' ? { start: dateText(startsAt), deadline: dateText(deadlineAt) } : { start: '', deadline: '' },
  )
  const [first = { start: '', deadline: '' }] = own
  return own.every(({ start, deadline }) => start === first.start && deadline === first.deadline)
    ? first
    : { start: '', deadline: '' }
}

/** Undefined for what is no fault of what was typed. */
function faultsIn(fault: unknown): string[] | undefined {
  if (!(fault instanceof InputError)) return undefined
  const paths = fault.faults.map(({ path }) => path)
  return paths.every((path) => path === 'start' || path === 'deadline') ? paths : undefined
}
