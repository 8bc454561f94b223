/** What other systems export, person by person, in the shape of our own lines (line.ts). Nothing is judged here. */

import type { Converted, FirebaseProject } from './exported.ts'
import { auth0 } from './from-auth0.ts'
import { firebase } from './from-firebase.ts'
import { keycloak } from './from-keycloak.ts'
import type { Form } from './reader.ts'

export const EXPORTER_NAMES = ['people', 'keycloak', 'auth0', 'firebase'] as const
export type ExporterName = (typeof EXPORTER_NAMES)[number]

export interface Exporter {
  form: Form
  convert(user: Record<string, unknown>, project: FirebaseProject | undefined): Converted
}

export const EXPORTERS: Record<ExporterName, Exporter> = {
  people: { form: 'lines', convert: (line) => ({ line, faults: [] }) },
  keycloak: { form: 'document', convert: keycloak },
  auth0: { form: 'lines', convert: auth0 },
  firebase: { form: 'document', convert: firebase },
}
