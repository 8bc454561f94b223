/**
 * `/interaction/:uid`: one address for whatever prompt is pending, so no page knows the next page. What belongs to one
 * prompt is in the file of that prompt; what all of them have in common is here.
 */
import Router, { type RouterContext } from '@koa/router'
import { AppError } from '../../lib/errors.ts'
import type { Locale } from '../../lib/locales.ts'
import { type Interaction, openInteraction, roundsUsedUp } from '../../oidc/interaction.ts'
import type { Oidc } from '../../oidc/provider.ts'
import type { Csrf } from '../csrf.ts'
import { type Fields, readForm, readJson } from '../form.ts'
import { chosenLanguage } from '../language.ts'
import { type Pages, seeOther } from '../page.ts'
import type { SeatCookie } from '../seat-cookie.ts'
import { type GonePages, isGone } from './gone.ts'

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0. */
const UNMET = 'unmet_authentication_requirements'

/** The pages of one prompt. */
export interface PromptPages {
  prompt: string
  /** Shows the page that is due. */
  show(ctx: RouterContext, interaction: Interaction): Promise<void>
  /** Takes a form of the prompt; `page` is the last part of its address, empty for the page that is due. */
  answer(ctx: RouterContext, interaction: Interaction, fields: Fields, page: string): Promise<void>
  /** Shows another page of the prompt. False if it has none of that name. */
  showOther?(ctx: RouterContext, interaction: Interaction, page: string): Promise<boolean>
  /** What is wrong with a new password while it is typed on the page of the prompt. */
  judge?(interaction: Interaction, password: string): Promise<string[]>
}

/** What pages of prompts share. */
export interface Sittings {
  page(ctx: RouterContext, interaction: Interaction, page: SittingPage): void
  /** The language that the page will be in. */
  locale(ctx: RouterContext, interaction: Interaction): Locale
  /** Hands the result to the provider and goes where it says. */
  finish(ctx: RouterContext, interaction: Interaction, result: Record<string, unknown>): Promise<void>
  /** Ends the request with an error for the application. */
  refuse(ctx: RouterContext, interaction: Interaction, error: string, description: string): Promise<void>
  /** Shows the pending page anew, as a GET: reloading it repeats nothing. */
  again(ctx: RouterContext, interaction: Interaction, page?: string): void
}

export interface SittingPage {
  view: string
  /** The page of the prompt, as in the address; the one that is due unless given. */
  name?: string
  data?: Record<string, unknown>
  status?: number | undefined
}

/** `logoOf` knows where an application's logo is, without asking anybody. */
export function sittings(pages: Pages, logoOf: (clientId: string) => string | undefined): Sittings {
  return {
    page(ctx, interaction, { view, name, data = {}, status = 200 }) {
      const base = `/interaction/${interaction.uid}`
      pages.show(ctx, {
        view,
        self: name ? `${base}/${interaction.prompt}/${name}` : base,
        status,
        uiLocales: interaction.params.ui_locales,
        data: {
          action: `${base}/${interaction.prompt}${name ? `/${name}` : ''}`,
          clientName: interaction.client.name,
          clientLogo: logoOf(interaction.client.id),
          who: interaction.email,
          cancel: true,
          ...data,
        },
      })
    },
    locale: (ctx, interaction) => pages.locale(ctx, interaction.params.ui_locales),
    finish: async (ctx, interaction, result) => goOn(ctx, await interaction.finish(result)),
    refuse: async (ctx, interaction, error, description) => goOn(ctx, await interaction.refuse(error, description)),
    again: (ctx, interaction, page) =>
      seeOther(ctx, `/interaction/${interaction.uid}${page ? `/${interaction.prompt}/${page}` : ''}`),
  }
}

function goOn(ctx: RouterContext, address: string | undefined): void {
  if (address !== undefined) seeOther(ctx, address)
}

export interface InteractionParts {
  oidc: Oidc
  gone: GonePages
  csrf: Csrf
  seats: SeatCookie
  sittings: Sittings
  prompts: PromptPages[]
}

export function interactionPages({ oidc, gone, csrf, seats, sittings: sitting, prompts }: InteractionParts): Router {
  const router = new Router({ prefix: '/interaction' })
  // A sitting is found to be over in many places; where the person goes from there is one answer.
  router.use((ctx, next) =>
    next().catch((fault: unknown) => {
      // What a script asks is no page.
      if (!isGone(fault) || ctx.is('json')) throw fault
      return gone.goOn(ctx, fault)
    }),
  )

  function open(ctx: RouterContext): Promise<Interaction> {
    const { req: request, res: response, params } = ctx
    return openInteraction(oidc, { request, response, uid: params.uid ?? '', seat: seats.of(ctx) })
  }

  function pagesOf(interaction: Interaction): PromptPages {
    const found = prompts.find(({ prompt }) => prompt === interaction.prompt)
    if (!found) throw new Error(`no pages for the prompt ${interaction.prompt}`)
    return found
  }

  router.get('/:uid', async (ctx) => {
    const interaction = await open(ctx)
    await speak(ctx, interaction)
    if (roundsUsedUp(interaction)) {
      const error = interaction.prompt === 'challenge' || interaction.prompt === 'enroll' ? UNMET : 'login_required'
      return sitting.refuse(ctx, interaction, error, 'the same step came up again and again')
    }
    await pagesOf(interaction).show(ctx, interaction)
  })

  router.get('/:uid/:prompt/:page', async (ctx) => {
    const interaction = await open(ctx)
    await speak(ctx, interaction)
    const shown =
      interaction.prompt === ctx.params.prompt &&
      (await pagesOf(interaction).showOther?.(ctx, interaction, ctx.params.page ?? ''))
    if (!shown) sitting.again(ctx, interaction)
  })

  // After a form was refused, the address bar holds its target; reloading should not be a dead end.
  router.get('/:uid/:prompt', (ctx) => seeOther(ctx, `/interaction/${encodeURIComponent(ctx.params.uid ?? '')}`))
  router.post('/:uid/password/check', judge)
  router.post('/:uid/:prompt', (ctx) => answer(ctx, ''))
  router.post('/:uid/:prompt/:page', (ctx) => answer(ctx, ctx.params.page ?? ''))
  return router

  /** What every form has in common: the right prompt, this browser's token, and **Cancel**. */
  async function answer(ctx: RouterContext, page: string): Promise<void> {
    // Read first: whoever holds the rest of a form back would be let in by what was true when it began.
    const fields = await readForm(ctx)
    csrf.assert(ctx, fields)
    ctx.state.fields = fields
    const interaction = await open(ctx).catch(async (fault: unknown) => {
      const reopened = isGone(fault) ? await gone.reopen(ctx, fields) : undefined
      if (!reopened) throw fault
      return reopened
    })
    // A form of a step that is behind us: show the step that is pending.
    if (interaction.prompt !== ctx.params.prompt) return sitting.again(ctx, interaction)
    if (fields.action === 'cancel') return sitting.refuse(ctx, interaction, 'access_denied', 'the person canceled')
    // **Not you?** The pages that sign in have their own way to another account.
    if (fields.action === 'switch' && interaction.email !== undefined)
      return goOn(ctx, await interaction.switchAccount())
    await pagesOf(interaction).answer(ctx, interaction, fields, page)
  }

  async function judge(ctx: RouterContext): Promise<void> {
    const { password = '' } = await readJson(ctx)
    const interaction = await open(ctx)
    const reasons = await pagesOf(interaction).judge?.(interaction, password)
    if (!reasons) throw new AppError('interaction-expired', 'no password is asked for', { status: 410 })
    ctx.body = { ok: reasons.length === 0, reasons }
  }

  async function speak(ctx: RouterContext, interaction: Interaction): Promise<void> {
    const locale = chosenLanguage(ctx)
    if (!locale) return
    await interaction.speak(locale)
    gone.speak(ctx, locale)
  }
}
