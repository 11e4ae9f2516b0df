export { detectUses, type Detection } from './detect-uses.ts'
export type { DetectionTargets } from './targets.ts'
