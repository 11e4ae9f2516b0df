export { detectUses, type Detection, type DetectionOptions } from './detect-uses.ts'
export { detectStale } from './stale/detect-stale.ts'
export { runInSlices } from './slices.ts'
export type { DetectionTargets } from './targets.ts'
