/**
 * Inviting many: a file and what is asked of it; then what it would do, line by line; then it is done. The file goes along
 * with the forms, so nothing is kept of it here before that, and nothing that was typed is lost.
 */
import type { RouterContext } from '@koa/router'
import { FileRefused } from '../../../admin/invitation-faults.ts'
import { MOST_BYTES, planInvitations, sendInvitations } from '../../../admin/invitations.ts'
import { addOrganization } from '../../../admin/organizations.ts'
import { csvLine } from '../../../audit/csv.ts'
import { AppError, InputError } from '../../../lib/errors.ts'
import { LOCALES } from '../../../lib/locales.ts'
import { seeOther } from '../../page.ts'
import type { SignedInRequester, Submission, Upload, Visit } from '../../signed-in.ts'
import type { UploadLimits } from '../../upload.ts'
import type { Desk } from '../desk.ts'
import { proposedNames } from '../proposals.ts'
import { ASKED, BEGINNING, fieldsAtFault, inputOf, type Typed, typedIn } from './file-form.ts'
import { INVITATIONS, roundAddress } from './list.ts'
import { MOST_ALIKE, reasonsOf, someOfEach } from './reasons.ts'

export const NEW = `${INVITATIONS}/new`
export const PLAN = `${INVITATIONS}/plan`

/** Fields of both forms, beside the file itself. */
export const SETTINGS = ASKED
export const PLANNED = [...ASKED, 'csv', 'digest', 'step']
export const FILE: UploadLimits = { name: 'file', most: MOST_BYTES }
/** Of a form with such a file in it, as base64. */
export const MOST_FORM = 2 * MOST_BYTES

/** Lines of each sort that the page shows. */
const MOST_SHOWN = 100
const MOST_LIKE_IT = 10
const MOST_REASONS = 20

export interface NewInvitationPages {
  show: Visit
  take: Upload
  showTooLarge: Visit
  /** Whoever comes to the plan without a file. */
  showAgain: Visit
  send: Submission
  /** Of somebody who has to prove a second factor again before anybody is invited. */
  stale: Submission
}

interface Asking {
  ctx: RouterContext
  requester: SignedInRequester
  typed: Typed
  /** Base64; empty where none was sent. */
  csv: string
}

interface Wrong {
  status: number
  /** Of the file: `admin.invitations.file.<file>`. */
  file?: string | undefined
  columns?: string[]
  fields?: string[]
  /** They are in order by themselves. */
  tooSlow?: boolean
}

export function newInvitationPages(at: Desk): NewInvitationPages {
  function showForm({ ctx, requester, typed, csv }: Asking, wrong?: Wrong): void {
    at.show(ctx, requester, {
      view: 'invitation/new',
      self: NEW,
      status: wrong?.status,
      data: {
        // A file that was read is carried along; another one is sent by the first form.
        action: csv === '' ? NEW : PLAN,
        csv,
        another: NEW,
        typed,
        locales: LOCALES,
        names: proposedNames(at.context, typed.organization ?? ''),
        file: wrong?.file,
        columns: wrong?.columns ?? [],
        faults: wrong?.fields ?? [],
        tooSlow: wrong?.tooSlow ?? false,
      },
    })
  }

  async function showPlan(asking: Asking, { fresh, changed = false }: { fresh: boolean; changed?: boolean }) {
    const { ctx, requester, typed, csv } = asking
    try {
      const plan = await at.run(ctx, requester, planInvitations, inputOf(typed, csv))
      const of = (action: string) => plan.lines.filter((line) => line.action === action)
      const refused = of('refuse')
      const many = refused.length > MOST_SHOWN
      at.show(ctx, requester, {
        view: 'invitation/plan',
        self: NEW,
        status: changed ? 409 : 200,
        data: {
          action: PLAN,
          typed,
          csv,
          plan: { ...plan, lines: undefined },
          invited: of('invite').slice(0, MOST_LIKE_IT),
          same: of('same').slice(0, MOST_SHOWN),
          refused: (many ? someOfEach(refused) : refused).slice(0, MOST_SHOWN),
          each: many && MOST_ALIKE,
          reasons: reasonsOf(refused).slice(0, MOST_REASONS),
          mayAdd: at.may(requester, addOrganization),
          alike: refused.filter(({ faults = [] }) => faults.some(({ code }) => code === 'looks-alike')).length,
          most: MOST_SHOWN,
          fresh,
          changed,
        },
      })
    } catch (fault) {
      showForm({ ...asking, csv: isOfFile(fault) ? '' : csv }, wrongIn(fault))
    }
  }

  async function send(asking: Asking, digest: string): Promise<void> {
    const { ctx, requester, typed, csv } = asking
    try {
      const input = { ...inputOf(typed, csv), digest, ...(typed.label && { label: typed.label }) }
      const { round } = await at.run(ctx, requester, sendInvitations, input)
      at.leaveNotice(ctx, 'invitations-sent')
      seeOther(ctx, roundAddress(round))
    } catch (fault) {
      const changed = fault instanceof AppError && ['plan-changed', 'nobody'].includes(fault.code)
      if (changed) return showPlan(asking, { fresh: true, changed })
      showForm(asking, wrongIn(fault))
    }
  }

  /** What was refused, to be mended and sent again: the file's own lines, and why behind each. */
  async function download({ ctx, requester, typed, csv }: Asking): Promise<void> {
    const { headings, separator, lines } = await at.run(ctx, requester, planInvitations, inputOf(typed, csv))
    const why = at.say(ctx, 'admin.invitations.why')
    const told = lines.flatMap(({ cells, faults = [] }) => {
      if (!cells) return []
      const reasons = faults.map(({ field, code, said, hint }) => {
        const says = at.say(ctx, `admin.invitations.fault.${code}`, { hint: hint ?? '' })
        const about = said === undefined ? says : at.say(ctx, 'admin.invitations.said', { said, says })
        return `${at.say(ctx, `admin.invitations.field.${field}`)}: ${about}`
      })
      return [csvLine([...headings.map((_, place) => cells[place] || null), reasons.join('; ')], separator)]
    })
    ctx.attachment('sigma-id-refused.csv')
    ctx.type = 'csv'
    // Spreadsheets take a file without the mark for one of an older encoding.
    ctx.body = `\ufeff${csvLine([...headings, why], separator)}${told.join('')}`
  }

  async function take(asking: Asking, { step = '', digest = '' }: { step?: string; digest?: string }, fresh: boolean) {
    await at.insistSent(asking.ctx, asking.requester, sendInvitations)
    if (step === 'edit') return showForm(asking)
    if (step === 'alike') return showPlan({ ...asking, typed: { ...asking.typed, lookAlike: 'accept' } }, { fresh })
    if (step === 'refused') return download(asking)
    if (step === 'send' && fresh) return send(asking, digest)
    return showPlan(asking, { fresh })
  }

  return {
    async show(ctx, requester) {
      at.insistMay(ctx, requester, sendInvitations)
      showForm({ ctx, requester, typed: BEGINNING, csv: '' })
    },
    async take(ctx, requester, { fields, file }) {
      await at.insistSent(ctx, requester, sendInvitations)
      const asking = { ctx, requester, typed: typedIn(fields), csv: file.toString('base64') }
      if (file.length === 0) return showForm(asking, { status: 400, file: 'missing' })
      await showPlan(asking, { fresh: true })
    },
    async showTooLarge(ctx, requester) {
      showForm({ ctx, requester, typed: BEGINNING, csv: '' }, { status: 413, file: 'too-large' })
    },
    async showAgain(ctx) {
      seeOther(ctx, NEW)
    },
    send: (ctx, requester, fields) =>
      take({ ctx, requester, typed: typedIn(fields), csv: fields.csv ?? '' }, fields, true),
    stale: (ctx, requester, fields) =>
      take({ ctx, requester, typed: typedIn(fields), csv: fields.csv ?? '' }, fields, false),
  }
}

/** Another choice of column mends that one; anything else takes another file. */
function isOfFile(fault: unknown): boolean {
  return fault instanceof FileRefused && fault.fault !== 'which-email'
}

/** Throws what is no fault of what was sent. */
function wrongIn(fault: unknown): Wrong {
  if (fault instanceof FileRefused) return { status: 400, file: fault.fault, columns: fault.columns }
  if (!(fault instanceof InputError)) throw fault
  const paths = fault.faults.map(({ path }) => path)
  const tooSlow = fault.faults.some(({ code }) => code === 'too-slow')
  return { status: 400, ...(paths.includes('csv') && { file: 'missing' }), fields: fieldsAtFault(paths), tooSlow }
}
