/** Every page there is, each with whatever it can have to say. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { PageData } from '../../../src/render/views.ts'
import { ACCOUNT_PAGES } from './account.ts'
import { ACCOUNT_FACTOR_PAGES } from './account-factors.ts'
import { ADMIN_PAGES, RECOVERY_PAGES } from './admin.ts'
import { SIGN_IN_PAGES } from './sign-in.ts'
import { TWO_STEP_PAGES } from './two-step.ts'

export const PAGES: [view: string, data: PageData][] = [
  ...SIGN_IN_PAGES,
  ...TWO_STEP_PAGES,
  ...ACCOUNT_PAGES,
  ...ACCOUNT_FACTOR_PAGES,
  ...ADMIN_PAGES,
  ...RECOVERY_PAGES,
]

/** The names of the files in views/ that are pages: each must be in the table above. */
export function pagesInViews(): string[] {
  return readdirSync(join(import.meta.dirname, '../../../views'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.eta') && !/^(mail|partial)\b|layout/.test(path))
    .map((path) => path.replace('.eta', ''))
    .sort()
}
