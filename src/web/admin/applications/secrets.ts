/**
 * The secrets of an application: two at most, so that it moves from one to the next without a break. A new one is in the
 * answer to the form that made it and nowhere else; the form says which version it saw, so sending it again makes no other.
 */
import type { RouterContext } from '@koa/router'
import type { Requester } from '../../../accounts/requester.ts'
import { addClientSecret, removeClientSecret } from '../../../admin/client-secrets.ts'
import { MOST_SECRETS } from '../../../client/record.ts'
import { AppError } from '../../../lib/errors.ts'
import { DAY } from '../../../lib/time.ts'
import { seeOther } from '../../page.ts'
import type { Submission, Visit } from '../../signed-in.ts'
import { goToApproval } from '../approvals.ts'
import type { Desk } from '../desk.ts'
import { applicationAddress, headOf } from './head.ts'
import { troubleIn } from './refused.ts'
import { shownAt, type Whole } from './shown.ts'

/** Fields of both forms. */
export const SECRET = ['version']

/** A secret that was used within this is one that somebody needs. */
const LATELY = 7 * DAY

export interface SecretPages {
  list: Visit
  add: Submission
  showRemove: Visit
  remove: Submission
}

export function secretPages(at: Desk): SecretPages {
  /** The newest first, as people look for it. */
  function secretsOf({ client, secrets }: Whole) {
    const now = at.now()
    return secrets.toReversed().map(({ id, env, createdAt, lastUsedAt }) => ({
      id,
      env,
      createdAt,
      lastUsedAt,
      ago: lastUsedAt === undefined ? undefined : now - lastUsedAt,
      lately: lastUsedAt !== undefined && now - lastUsedAt < LATELY,
      // One in the environment is a field of the definition.
      removeHref: env === undefined && applicationAddress(client, `/secrets/${encodeURIComponent(id)}`),
    }))
  }

  function showList(ctx: RouterContext, requester: Requester, application: Whole, more: Record<string, unknown> = {}) {
    const { client, definition, version } = application
    const self = applicationAddress(client, '/secrets')
    const method = String(definition.token_endpoint_auth_method)
    at.show(ctx, requester, {
      view: 'application/secrets',
      self,
      status: typeof more.status === 'number' ? more.status : 200,
      data: {
        head: headOf(at, requester, application, 'secrets'),
        action: self,
        version,
        method,
        bySecret: method.startsWith('client_secret'),
        secrets: secretsOf(application),
        mayChange: ownsSecrets(application) && at.may(requester, addClientSecret),
        full: application.secrets.length >= MOST_SECRETS,
        ...more,
      },
    })
  }

  /** The secret in the address; undefined if there is none any more. */
  async function secretAt(ctx: RouterContext, requester: Requester) {
    const application = await shownAt(at, ctx, requester)
    const secret = secretsOf(application).find(({ id, env }) => id === ctx.params.secret && env === undefined)
    return { application, secret: ownsSecrets(application) ? secret : undefined }
  }

  return {
    list: async (ctx, requester) => showList(ctx, requester, await shownAt(at, ctx, requester)),

    async add(ctx, requester, { version = '' }) {
      const { id: client } = ctx.params
      try {
        const { secret, approval } = await at.run(ctx, requester, addClientSecret, { client, version })
        if (approval !== undefined) return goToApproval(at, ctx, approval)
        const application = await shownAt(at, ctx, requester)
        const self = applicationAddress(application.client, '/secrets')
        const data = { head: headOf(at, requester, application, 'secrets'), secret: secret?.value, back: self }
        at.show(ctx, requester, { view: 'application/secret', self: '', data })
      } catch (fault) {
        const refused = await refusal(at, fault)
        showList(ctx, requester, await shownAt(at, ctx, requester), refused)
      }
    },

    async showRemove(ctx, requester) {
      at.insistMay(ctx, requester, removeClientSecret)
      const { application, secret } = await secretAt(ctx, requester)
      const back = applicationAddress(application.client, '/secrets')
      if (!secret) return seeOther(ctx, back)
      const self = applicationAddress(application.client, `/secrets/${encodeURIComponent(secret.id)}`)
      const { version, secrets } = application
      const data = {
        head: headOf(at, requester, application, 'secrets'),
        one: secret,
        only: secrets.length === 1,
        action: self,
        back,
        version,
      }
      at.show(ctx, requester, { view: 'application/secret-remove', self, data })
    },

    async remove(ctx, requester, { version = '' }) {
      const { id: client, secret } = ctx.params
      try {
        await at.run(ctx, requester, removeClientSecret, { client, secret, version })
      } catch (fault) {
        const refused = await refusal(at, fault)
        return showList(ctx, requester, await shownAt(at, ctx, requester), refused)
      }
      at.leaveNotice(ctx, 'secret-removed')
      seeOther(ctx, applicationAddress(client ?? '', '/secrets'))
    },
  }
}

/** A file that names no secret leaves them to us (secrets.ts of client/). */
function ownsSecrets({ owner, status, secrets }: Whole): boolean {
  return status !== 'deleted' && (owner.kind === 'store' || secrets.every(({ env }) => env === undefined))
}

const REFUSALS = ['too-many-secrets', 'no-such-secret', 'owned-by-file']

async function refusal(at: Desk, fault: unknown): Promise<Record<string, unknown>> {
  if (fault instanceof AppError && REFUSALS.includes(fault.code)) return { status: fault.status, problem: fault.code }
  const trouble = await troubleIn(at, fault)
  if (trouble.kind !== 'meanwhile') throw fault
  return { status: trouble.status, meanwhile: trouble.since }
}
