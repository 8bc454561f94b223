/**
 * No page of the library is shown to anybody. Each file of it that holds a page or a form is listed with what stands in
 * its place, so that one which a new version brings is noticed; the journeys are test/browser/onward.test.ts.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Provider } from 'oidc-provider'
import { expect, test, vi } from 'vitest'
import { startApp } from '../../support/app/app.ts'

const LIBRARY = join(import.meta.dirname, '../../../node_modules/oidc-provider/lib')

const IN_PLACE: Record<string, string> = {
  'actions/end_session.js': 'views/logout.eta: the form is handed to logoutSource, which is ours',
  'helpers/defaults.js': 'the pages below',
  'helpers/user_code_form.js': 'off: deviceFlow',
  'response_modes/form_post.js': 'views/forward.eta, by src/oidc/posted-form.ts',
  'response_modes/web_message.js': 'off: webMessageResponseMode',
  'views/interaction.js': 'off: devInteractions',
  'views/layout.js': 'off: devInteractions',
  'views/login.js': 'off: devInteractions',
}
/** Of helpers/defaults.js, by the name of the function that shows it. */
const DEFAULTS: Record<string, string> = {
  logoutSource: 'views/logout.eta',
  postLogoutSuccessSource: 'views/signed-out.eta',
  renderError: 'views/error.eta',
  successSource: 'off: deviceFlow',
  userCodeConfirmSource: 'off: deviceFlow',
  userCodeInputSource: 'off: deviceFlow',
}

const read = (file: string) => readFileSync(join(LIBRARY, file), 'utf8')

test('every page of the library is one of these', () => {
  const files = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' })
  const pages = files.filter((file) => file.endsWith('.js') && /<(!DOCTYPE html|html|form|body)\b/i.test(read(file)))
  expect(pages.sort()).toEqual(Object.keys(IN_PLACE))
  const functions = read('helpers/defaults.js').split(/^(?=(?:async )?function )/m)
  const shown = functions.filter((text) => text.includes('<!DOCTYPE html>'))
  expect(shown.map((text) => /function (\w+)/.exec(text)?.[1]).sort()).toEqual(Object.keys(DEFAULTS))
})

test('none of them can be shown', async () => {
  const made = vi.spyOn(Provider.prototype, 'registerResponseMode')
  const app = await startApp()
  // The one before it tries the records of applications, and serves nobody.
  const provider = made.mock.contexts.at(-1)
  made.mockRestore()
  // Imported as the library itself does, so that it is the same memory.
  const file = 'oidc-provider/lib/helpers/weak_cache.js'
  const { default: instance } = (await import(file)) as { default: (provider: unknown) => Instance }
  const { configuration, responseModes } = instance(provider)
  const { features } = configuration
  const off = [...Object.values(IN_PLACE), ...Object.values(DEFAULTS)].flatMap(
    (text) => text.match(/(?<=^off: ).*/) ?? [],
  )
  expect(off.filter((feature) => features[feature]?.enabled !== false)).toEqual([])
  const { logoutSource, postLogoutSuccessSource } = features.rpInitiatedLogout ?? {}
  for (const page of [configuration.renderError, logoutSource, postLogoutSuccessSource]) {
    expect(page).toBeTypeOf('function')
    expect(String(page)).not.toContain('<!DOCTYPE')
  }
  expect([...responseModes.keys()].sort()).toEqual(['form_post', 'fragment', 'query'])
  await app.stop()
})

interface Instance {
  configuration: {
    renderError: unknown
    features: Record<
      string,
      { enabled: boolean; logoutSource?: unknown; postLogoutSuccessSource?: unknown } | undefined
    >
  }
  responseModes: Map<string, unknown>
}
