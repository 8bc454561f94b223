/** The audit trail as a page: who did what to whom, the newest first, people by their names where there are accounts. */
import type { RouterContext } from '@koa/router'
import { listAudit } from '../admin/trail.ts'
import type { AuditRecord } from '../audit/audit.ts'
import { AppError } from '../lib/errors.ts'
import { asked, type Desk } from './admin-desk.ts'
import type { Visit, Visitor } from './house.ts'

const SHOWN = 200

/** Someone in the trail: name and address of who has an account, the bare id of who has none any more. */
export interface Named {
  text?: string
  note?: string
  code?: string
}

export function auditPage(at: Desk): Visit {
  /** Undefined if there is no such person. */
  async function read(ctx: RouterContext, visitor: Visitor, person: string): Promise<AuditRecord[] | undefined> {
    try {
      return await at.run(ctx, visitor, listAudit, { person: person || undefined, limit: SHOWN })
    } catch (fault) {
      if (fault instanceof AppError && fault.code === 'not-found') return undefined
      throw fault
    }
  }

  async function namesIn(records: AuditRecord[]): Promise<Map<string, Named>> {
    const ids = new Set(records.flatMap(({ actor, subject }) => [actor, subject]).filter((id) => id !== undefined))
    const people = await Promise.all([...ids].map((id) => at.context.accounts.findAccount(id)))
    return new Map([...ids].map((id, index) => [id, named(id, people[index])]))
  }

  return async (ctx, visitor) => {
    const person = asked(ctx, 'person')
    const records = await read(ctx, visitor, person)
    const names = await namesIn(records ?? [])
    const name = (id: string | undefined) => (id === undefined ? undefined : names.get(id))
    at.show(ctx, visitor, {
      view: 'audit',
      self: person ? `/admin/audit?${new URLSearchParams({ person })}` : '/admin/audit',
      status: records ? 200 : 404,
      data: {
        person,
        unknown: records === undefined,
        most: SHOWN,
        records: (records ?? []).map((record) => ({
          ...record,
          actor: name(record.actor),
          subject: name(record.subject),
          details: Object.entries(record.details ?? {})
            .map(([code, value]) => `${code}: ${value}`)
            .join(', '),
        })),
      },
    })
  }
}

function named(id: string, account: { name: string; email: string } | undefined): Named {
  return account ? { text: account.name, note: account.email } : { code: id }
}
