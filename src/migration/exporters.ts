/** What other systems export, person by person, in the shape of our own lines (line.ts). Nothing is judged here. */

import type { Converted, FirebaseProject } from './exported.ts'
import { auth0 } from './from-auth0.ts'
import { firebase } from './from-firebase.ts'
import { keycloak } from './from-keycloak.ts'

export const EXPORTER_NAMES = ['people', 'keycloak', 'auth0', 'firebase'] as const
export type ExporterName = (typeof EXPORTER_NAMES)[number]

/** `either`: lines, or a list of people. `realms`: a document with its people, or a list of such. */
export type Form = 'lines' | 'document' | 'either' | 'realms'

export interface Exporter {
  form: Form
  convert(user: Record<string, unknown>, project: FirebaseProject | undefined): Converted
}

export const EXPORTERS: Record<ExporterName, Exporter> = {
  people: { form: 'lines', convert: (line) => ({ line, faults: [] }) },
  keycloak: { form: 'realms', convert: keycloak },
  auth0: { form: 'either', convert: auth0 },
  firebase: { form: 'document', convert: firebase },
}
