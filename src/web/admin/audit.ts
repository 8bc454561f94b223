/**
 * The audit trail as a page: who did what to whom, the newest first, people by their names where there are accounts. What
 * narrows it stands in the address, and so does where the page begins.
 */

import { Readable } from 'node:stream'
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { mayRun } from '../../admin/role.ts'
import { type AuditListed, exportAudit, listAudit } from '../../admin/trail.ts'
import { type AdminContext, insist } from '../../admin/verb.ts'
import { nobodys } from '../../audit/actor.ts'
import { type AuditRecord, EVENTS } from '../../audit/audit.ts'
import { EXPORT_FORMATS } from '../../audit/export-form.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import type { Fields } from '../form.ts'
import type { Submission, Visit } from '../signed-in.ts'
import { addressOf, asked } from './address.ts'
import type { Desk } from './desk.ts'
import { namesOf, nobody } from './named.ts'

const AUDIT = '/admin/audit'
const EXPORT = '/admin/audit/export'
const SHOWN = 50
/** Names that a browser is sent to choose from. */
const MOST_OFFERED = 500

/** What can be asked for, by the names that it has in the address. */
const FILTERS = ['person', 'actor', 'application', 'organization', 'kind', 'since', 'until', 'reference'] as const
type Filters = Partial<Record<(typeof FILTERS)[number], string>>

/** Fields of the form that exports. */
export const EXPORTED = [...FILTERS, 'format']

export interface AuditPages {
  list: Visit
  showExport: Visit
  send: Submission
}

export function auditPages(at: Desk): AuditPages {
  async function read(
    ctx: RouterContext,
    requester: Requester,
    query: Record<string, unknown>,
  ): Promise<AuditListed | { faults: string[] }> {
    try {
      return await at.run(ctx, requester, listAudit, query)
    } catch (fault) {
      const faults = faultsIn(fault)
      if (!faults) throw fault
      return { faults }
    }
  }

  return {
    async list(ctx, requester) {
      const filters = filtersOf((name) => asked(ctx, name))
      const after = asked(ctx, 'after') || undefined
      const found = await read(ctx, requester, { ...filters, after, limit: SHOWN })
      const { records, next, stopped, faults } = { records: [], next: undefined, stopped: false, faults: [], ...found }
      const names = await namesOf(
        at.context,
        records.flatMap(({ actor, subject }) => [actor, subject]),
      )
      at.show(ctx, requester, {
        view: 'audit',
        self: addressOf(AUDIT, { ...filters, after }),
        status: faults.length > 0 ? 404 : 200,
        data: {
          typed: filters,
          narrowed: Object.keys(filters).length > 0,
          faults,
          kinds: EVENTS,
          offered: offered(at.context),
          most: SHOWN,
          stopped,
          newest: after && addressOf(AUDIT, filters),
          older: next && addressOf(AUDIT, { ...filters, after: next }),
          exportHref: faults.length === 0 && at.may(requester, exportAudit) && addressOf(EXPORT, filters),
          records: records.map((record) => ({
            ...record,
            actor: names.get(record.actor ?? '') ?? nobody(record.actor ?? nobodys(record)),
            subject: record.subject && (names.get(record.subject) ?? { code: record.subject }),
            whole: wholeOf(record, filters),
            details: Object.entries(record.details ?? {})
              .map(([code, value]) => `${code}: ${value}`)
              .join(', '),
          })),
        },
      })
    },

    async showExport(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), exportAudit.roles))
      const filters = filtersOf((name) => asked(ctx, name))
      at.show(ctx, requester, {
        view: 'audit-export',
        self: addressOf(EXPORT, filters),
        data: { action: EXPORT, filters, formats: EXPORT_FORMATS, back: addressOf(AUDIT, filters) },
      })
    },

    async send(ctx, requester, fields: Fields) {
      const filters = filtersOf((name) => fields[name] ?? '')
      const { name, type, lines } = await at.run(ctx, requester, exportAudit, { ...filters, format: fields.format })
      ctx.attachment(name)
      ctx.type = type
      ctx.body = Readable.from(lines)
    },
  }
}

/** Where all of the sign-in is that a record belongs to, unless that is what is shown. */
function wholeOf({ details = {} }: AuditRecord, { reference }: Filters): string | undefined {
  const { signIn } = details
  return typeof signIn === 'string' && signIn !== reference ? addressOf(AUDIT, { reference: signIn }) : undefined
}

interface Offered {
  value: string
  label: string
}

/** Whoever narrows by one of these chooses by its name; where there are more, its name can be typed. */
function offered({ clients, organizations }: AdminContext): Record<'application' | 'organization', Offered[]> {
  return {
    application: clients.list({ limit: MOST_OFFERED }).found.map(({ id, record }) => ({
      value: id,
      label: String(record.definition.client_name),
    })),
    organization: [...organizations.all()]
      .slice(0, MOST_OFFERED)
      .map(({ id, record }) => ({ value: record.number ?? id, label: record.name })),
  }
}

function filtersOf(given: (name: string) => string): Filters {
  return Object.fromEntries(FILTERS.map((name) => [name, given(name).trim()]).filter(([, value]) => value))
}

/** The fields at fault; undefined for what is no fault of theirs. */
function faultsIn(fault: unknown): string[] | undefined {
  if (fault instanceof AppError && fault.code === 'not-found') return ['person']
  if (!(fault instanceof InputError)) return undefined
  const faults = fault.faults.map(({ path }) => path)
  return faults.every((path) => path === 'after' || FILTERS.some((name) => name === path)) ? faults : undefined
}
