/**
 * What the tests of a file need, declared in one line: made before the first of them or before each, and ended after.
 * What is declared first is made first, and ended last.
 */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'

/** By either name; what has neither needs no end. */
interface Ends {
  stop?(): unknown
  close?(): unknown
}

export function forAllTests<Made extends object>(make: () => Made | Promise<Made>): Made {
  const { begin, end, made } = toBeMade(make)
  beforeAll(begin)
  afterAll(end)
  return made
}

export function forEachTest<Made extends object>(make: () => Made | Promise<Made>): Made {
  const { begin, end, made } = toBeMade(make)
  beforeEach(begin)
  afterEach(end)
  return made
}

/** `made` stands for what is made later: nothing can be read of it while the file is read, as nothing is there yet. */
function toBeMade<Made extends object>(make: () => Made | Promise<Made>) {
  let real: (Made & Ends) | undefined

  function present(): Made {
    if (!real) throw new Error('there is nothing yet: it is made before the tests')
    return real
  }

  return {
    async begin() {
      real = undefined
      real = await make()
    },
    async end() {
      if (real?.stop) await real.stop()
      else await real?.close?.()
    },
    made: new Proxy({} as Made, {
      get(_, name) {
        const value = Reflect.get(present(), name)
        return typeof value === 'function' ? value.bind(present()) : value
      },
      set: (_, name, value) => Reflect.set(present(), name, value),
      has: (_, name) => name in present(),
      ownKeys: () => Reflect.ownKeys(present()),
      getOwnPropertyDescriptor: (_, name) => ({
        ...Reflect.getOwnPropertyDescriptor(present(), name),
        configurable: true,
      }),
    }),
  }
}
