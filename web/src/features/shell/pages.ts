import { Activity, Copy, FileWarning, HeartCrack, History, Images, ListPlus, type LucideIcon, ShieldCheck, Siren, SlidersHorizontal, Tags, Trash2, WandSparkles } from "lucide-react";

export type CarePage = "/trash" | "/history" | "/duplicates" | "/similar-pictures" | "/copies" | "/damage" | "/quarantine" | "/problems" | "/jobs" | "/settings";

export type OwnPage = "/tags" | "/rules" | "/fields";

/** The pages about what people add themselves. */
export const ownPages: readonly { to: OwnPage; icon: LucideIcon; label: string }[] = [
  { to: "/tags", icon: Tags, label: "All tags" },
  { to: "/rules", icon: WandSparkles, label: "Rules" },
  { to: "/fields", icon: ListPlus, label: "Custom fields" },
];

/** The pages that tell how the files fare. */
export const carePages: readonly { to: CarePage; icon: LucideIcon; label: string }[] = [
  { to: "/duplicates", icon: Copy, label: "Duplicates" },
  { to: "/similar-pictures", icon: Images, label: "Similar pictures" },
  { to: "/copies", icon: ShieldCheck, label: "Copies" },
  { to: "/damage", icon: HeartCrack, label: "Damage" },
  { to: "/quarantine", icon: FileWarning, label: "Unreadable" },
  { to: "/problems", icon: Siren, label: "Problems" },
  { to: "/trash", icon: Trash2, label: "Trash" },
  { to: "/history", icon: History, label: "History" },
  { to: "/jobs", icon: Activity, label: "Jobs" },
  { to: "/settings", icon: SlidersHorizontal, label: "Settings" },
];
