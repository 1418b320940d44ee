/** Of a battery that nothing was recorded in yet. */
export const START_LEVEL = 50

export interface Battery {
  /** From 0 to 100. */
  level: number
  updatedAt: Date
}

/** What happened to whom, as they tell it. */
export interface NewInteraction {
  interactionType: string
  /** Points gained, or lost below zero. */
  energyChange: number
  note: string | null
}

export interface Interaction extends NewInteraction {
  id: string
  /** Of the battery right after it. */
  level: number
  createdAt: Date
}
