/** The doctor, put together: what it knows. How it acts as an application is in doctor-acting.ts. */

import type { Line } from '../doctor/diagnosis.ts'
import { doctor } from '../doctor/doctor.ts'
import type { Act } from '../doctor/live/acting.ts'
import type { TrialParts } from '../doctor/live/trial.ts'
import { AppError } from '../lib/errors.ts'
import type { Foundation } from './foundation.ts'

export function doctorOf({ config, store, notes, clients, keys, templates, now }: Foundation) {
  const { durable } = store
  // It takes a provider, and whoever has one says so.
  let acting: Act = () => Promise.reject(new AppError('no-hands', 'the doctor was not given a provider'))
  const all = doctor({
    clients: durable.clients,
    memories: durable.clientMemories,
    notes,
    registry: clients,
    keys,
    acting: (id, record) => acting(id, record),
    issuer: config.issuer,
    production: config.production,
    now,
  })
  return {
    doctor: {
      ...all,
      say: ({ sentence: { family, name, variant }, values }: Pick<Line, 'sentence' | 'values'>, language: string) =>
        templates.translate(language)(`doctor.${family}.${name}.${variant}`, values),
    },
    letDoctorAct(act: Act) {
      acting = act
    },
  }
}

export function trialParts({ store, seal, now }: Pick<Foundation, 'store' | 'seal' | 'now'>): TrialParts {
  return { people: store.durable.people, artifacts: store.expiring, seal, now }
}
