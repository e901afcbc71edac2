// Colours of tags. What stands in a tag may come from anywhere: only a plain colour is used.

/** The colours that the page offers. */
export const palette: readonly { colour: string; name: string }[] = [
  { colour: "#e5484d", name: "Red" }, { colour: "#f76b15", name: "Orange" }, { colour: "#d99a00", name: "Yellow" }, { colour: "#30a46c", name: "Green" },
  { colour: "#12a594", name: "Teal" }, { colour: "#3b82f6", name: "Blue" }, { colour: "#6e56cf", name: "Violet" }, { colour: "#d6409f", name: "Pink" }, { colour: "#8b8d98", name: "Grey" },
];

/** A colour that can be drawn, or undefined. */
export const safeColour = (colour: string | undefined): string | undefined => (colour !== undefined && /^#[0-9a-f]{6}$/i.test(colour) ? colour : undefined);
