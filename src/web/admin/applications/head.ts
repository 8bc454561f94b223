/** What every page of one application has above it: which it is, how it is with it, and its sections. */
import type { Requester } from '../../../accounts/requester.ts'
import { setClientLogo } from '../../../admin/client-logo.ts'
import { listVersions, showClient } from '../../../admin/client-looks.ts'
import { listClientSignIns } from '../../../admin/client-sign-ins.ts'
import { changeClient } from '../../../admin/clients.ts'
import { connectClient } from '../../../admin/connect.ts'
import { examineClient } from '../../../admin/doctor.ts'
import type { Verb } from '../../../admin/verb.ts'
import { kindOf } from '../../../client/kinds.ts'
import { nameOf } from '../../../client/listing.ts'
import type { ClientRecord } from '../../../client/record.ts'
import { logoAddress } from '../../logo-route.ts'
import type { Desk } from '../desk.ts'

export const APPLICATIONS = '/admin/applications'

/** An application as `client:show` tells of it. */
export type Shown = { client: string } & Pick<ClientRecord, 'definition' | 'status' | 'owner' | 'version' | 'logo'>

export interface Section {
  /** Its words: `admin.application.section.<name>`. */
  name: string
  /** After the address of the application. */
  path: string
  /** Whose roles see it. */
  verb: Pick<Verb, 'roles'>
  /** Without it, for every application. */
  fits?(application: Shown): boolean
}

/** The sections of an application, in their order: a new one is a line here. */
export const SECTIONS: readonly Section[] = [
  { name: 'overview', path: '', verb: showClient },
  { name: 'change', path: '/change', verb: changeClient, fits: changeable },
  { name: 'logo', path: '/logo', verb: setClientLogo, fits: ({ status }) => status !== 'deleted' },
  { name: 'secrets', path: '/secrets', verb: showClient },
  { name: 'connect', path: '/connect', verb: connectClient },
  { name: 'versions', path: '/versions', verb: listVersions },
  { name: 'signIns', path: '/sign-ins', verb: listClientSignIns },
  { name: 'doctor', path: '/doctor', verb: examineClient },
  { name: 'yaml', path: '/yaml', verb: showClient },
]

export function applicationAddress(id: string, path = ''): string {
  // The page for a new one has the address that an application with this id would have.
  const part = id === 'new' ? '%6Eew' : encodeURIComponent(id)
  return `${APPLICATIONS}/${part}${path}`
}

export interface Head {
  id: string
  name: string
  kind: string
  status: string
  /** Where its logo is. */
  logo: string | undefined
  sections: Array<{ name: string; href: string; current: boolean }>
  /** Changes that wait for a second person. */
  pending: number
}

/** `head` of every page of an application (views/partial/application-head.eta). `current` is the section's name. */
export function headOf(at: Desk, requester: Requester, application: Shown, current: string): Head {
  const { client, definition, status, logo } = application
  const open = SECTIONS.filter(({ verb, fits = () => true }) => at.may(requester, verb) && fits(application))
  return {
    id: client,
    name: nameOf(application),
    kind: kindOf(definition),
    status,
    logo: logo === undefined || status === 'deleted' ? undefined : logoAddress(logo),
    pending: at.context.approvals.waiting(client),
    sections: open.map(({ name, path }) => ({
      name,
      href: applicationAddress(client, path),
      current: name === current,
    })),
  }
}

/** By somebody here: not what a file says, and not what is gone for good. */
export function changeable({ owner, status }: Pick<Shown, 'owner' | 'status'>): boolean {
  return owner.kind === 'store' && status !== 'deleted'
}
