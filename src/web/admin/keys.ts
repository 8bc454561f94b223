/** The keys that sign tokens, as pages: what each is doing, and rotating them. */

import type { RouterContext } from '@koa/router'
import type { Requester } from '../../accounts/requester.ts'
import { listKeys, rotateKeys } from '../../admin/keys.ts'
import { mayRun } from '../../admin/role.ts'
import { insist } from '../../admin/verb.ts'
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
export const ROTATION = ['force']

const KEYS = '/admin/keys'
const ROTATE = '/admin/keys/rotate'
/** In the order in which a key goes through them. */
const STATES = ['next', 'current', 'previous']

export function keyPages(at: Desk): KeyPages {
  function showRotate(ctx: RouterContext, requester: Requester, early = false): void {
    const data = { action: ROTATE, back: KEYS, early }
    at.show(ctx, requester, { view: 'key-rotate', self: ROTATE, status: early ? 409 : 200, data })
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

    async rotate(ctx, requester, { force }) {
      try {
        const { rotation } = await at.run(ctx, requester, rotateKeys, { force: force !== undefined })
        at.leaveNotice(ctx, rotation === 'rotated' ? 'rotated' : 'rotated-elsewhere')
        seeOther(ctx, KEYS)
      } catch (fault) {
        if (!(fault instanceof AppError && fault.code === 'too-early')) throw fault
        showRotate(ctx, requester, true)
      }
    },
  }
}
