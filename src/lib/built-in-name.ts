/**
 * Names that every object has something under: used as a key of an ordinary object, `__proto__` leads to what all objects
 * share, and `constructor` to a function. Whoever names something that becomes a key is told to choose another.
 */
export function isBuiltInName(name: string): boolean {
  return name in Object.prototype || name === 'prototype'
}

/** The reason, for whoever chose it. */
export const BUILT_IN_NAME = 'is a name that JavaScript has for itself: choose another'
