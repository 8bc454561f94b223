/** The audit trail as a page: who did what to whom, the newest first, people by their names where there are accounts. */

import type { RouterContext } from '@koa/router'
import { findAccount } from '../../accounts/people.ts'
import type { Requester } from '../../accounts/requester.ts'
import { listAudit } from '../../admin/trail.ts'
import type { AuditRecord } from '../../audit/audit.ts'
import { AppError, InputError } from '../../lib/errors.ts'
import type { Visit } from '../signed-in.ts'
import { asked, type Desk } from './desk.ts'

const SHOWN = 200

/** Someone in the trail: name and address of who has an account, the bare id of who has none any more. */
export interface Named {
  text?: string
  note?: string
  code?: string
}

interface Asked {
  person: string
  reference: string
}

/** What was asked for that is none. */
type Unreadable = 'person' | 'reference'

export function auditPage(at: Desk): Visit {
  async function read(
    ctx: RouterContext,
    requester: Requester,
    { person, reference }: Asked,
  ): Promise<AuditRecord[] | Unreadable> {
    try {
      const query = { person: person || undefined, reference: reference || undefined, limit: SHOWN }
      return await at.run(ctx, requester, listAudit, query)
    } catch (fault) {
      if (fault instanceof AppError && fault.code === 'not-found') return 'person'
      if (fault instanceof InputError && fault.faults.every(({ path }) => path === 'reference')) return 'reference'
      throw fault
    }
  }

  async function namesIn(records: AuditRecord[]): Promise<Map<string, Named>> {
    const ids = new Set(records.flatMap(({ actor, subject }) => [actor, subject]).filter((id) => id !== undefined))
    const people = await Promise.all([...ids].map((id) => findAccount(at.context.people, id)))
    return new Map([...ids].map((id, index) => [id, named(id, people[index])]))
  }

  return async (ctx, requester) => {
    const query = { person: asked(ctx, 'person'), reference: asked(ctx, 'reference') }
    const found = await read(ctx, requester, query)
    const records = Array.isArray(found) ? found : []
    const names = await namesIn(records)
    const narrowed = Object.entries(query).filter(([, value]) => value)
    const name = (id: string | undefined) => (id === undefined ? undefined : names.get(id))
    at.show(ctx, requester, {
      view: 'audit',
      self: narrowed.length > 0 ? `/admin/audit?${new URLSearchParams(narrowed)}` : '/admin/audit',
      status: Array.isArray(found) ? 200 : 404,
      data: {
        ...query,
        unknown: Array.isArray(found) ? undefined : found,
        most: SHOWN,
        records: records.map((record) => ({
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
