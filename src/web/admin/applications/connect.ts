/** How an application is connected: what its record still has to say, what stands in its environment, and a library's code. */
import { changeClient } from '../../../admin/clients.ts'
import { type Connection, connectClient, type Variable } from '../../../admin/connect.ts'
import type { Visit } from '../../signed-in.ts'
import { addressOf, asked } from '../address.ts'
import type { Desk } from '../desk.ts'
import { applicationAddress, changeable, headOf } from './head.ts'
import { shownAt } from './shown.ts'

const LONGEST = 80

export function connectPage(at: Desk): Visit {
  return async (ctx, requester) => {
    const application = await shownAt(at, ctx, requester)
    const { client } = application
    const { libraries } = await at.run(ctx, requester, connectClient, { client })
    const wanted = asked(ctx, 'library').slice(0, LONGEST)
    // An address that was typed by hand, and names what there is not, names the first.
    const { library } = libraries.find((one) => one.library === wanted) ?? libraries[0] ?? {}
    const { connection } = library ? await at.run(ctx, requester, connectClient, { client, library }) : {}
    const self = applicationAddress(client, '/connect')
    at.show(ctx, requester, {
      view: 'application/connect',
      self: addressOf(self, { library }),
      data: {
        head: headOf(at, requester, application, 'connect'),
        action: self,
        libraries,
        library,
        connection: connection && shownConnection(connection),
        changeHref: changeable(application) && at.may(requester, changeClient) && applicationAddress(client, '/change'),
      },
    })
  }
}

/** `connection` of a page that shows one (views/partial/connection.eta). */
export function shownConnection(connection: Connection) {
  return {
    ...connection,
    needs: connection.needs.map(({ field, to }) => ({ field, to: Array.isArray(to) ? to.join(', ') : String(to) })),
    environment: connection.environment.map((variable) => ({ ...variable, value: quoted(variable) })),
  }
}

/** As a shell reads it. */
function quoted({ value = '' }: Variable): string {
  return /^[\w.:/@%+=,~-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
