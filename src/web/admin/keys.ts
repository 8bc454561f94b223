/** The keys that sign tokens, as pages: what each is doing, and rotating them. */

import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { listKeys, NotFetched, rotateKeys } from '../../admin/keys.ts'
import { mayRun } from '../../admin/role.ts'
import { insist } from '../../admin/verb.ts'
import type { Unaware } from '../../doctor/doctor.ts'
import { AppError } from '../../lib/errors.ts'
import { seeOther } from '../page.ts'
import type { Submission, Visit } from '../signed-in.ts'
import type { Desk } from './desk.ts'

export interface KeyPages {
  list: Visit
  showRotate: Visit
  rotate: Submission
}

/** Fields of the form that rotates. */
export const ROTATION = ['force', 'anyway']

const KEYS = '/admin/keys'
const ROTATE = '/admin/keys/rotate'
/** In the order in which a key goes through them. */
const STATES = ['next', 'current', 'previous']

export function keyPages(at: Desk): KeyPages {
  /** `unaware` are applications that were not seen to fetch the next key. */
  function showRotate(ctx: RouterContext, requester: Requester, why: { early?: true; unaware?: Unaware[] } = {}): void {
    const { early = false, unaware = [] } = why
    const status = early || unaware.length > 0 ? 409 : 200
    const data = { action: ROTATE, back: KEYS, early, unaware }
    at.show(ctx, requester, { view: 'key-rotate', self: ROTATE, status, data })
  }

  return {
    async list(ctx, requester) {
      const keys = await at.run(ctx, requester, listKeys, {})
      const order = (state: string) => STATES.indexOf(state)
      at.show(ctx, requester, {
        view: 'keys',
        self: KEYS,
        data: {
          keys: keys.toSorted((a, b) => order(a.state) - order(b.state) || b.createdAt - a.createdAt),
          rotateHref: at.may(requester, rotateKeys) && ROTATE,
        },
      })
    },

    async showRotate(ctx, requester) {
      insist(mayRun(at.actor(ctx, requester), rotateKeys.roles))
      showRotate(ctx, requester)
    },

    async rotate(ctx, requester, { force, anyway }) {
      try {
        const given = { force: force !== undefined, anyway: anyway !== undefined }
        const { rotation } = await at.run(ctx, requester, rotateKeys, given)
        at.leaveNotice(ctx, rotation === 'rotated' ? 'rotated' : 'rotated-elsewhere')
        seeOther(ctx, KEYS)
      } catch (fault) {
        if (fault instanceof NotFetched) return showRotate(ctx, requester, { unaware: fault.applications })
        if (!(fault instanceof AppError && fault.code === 'too-early')) throw fault
        showRotate(ctx, requester, { early: true })
      }
    },
  }
}
