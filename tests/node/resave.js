// Reads a workbook and saves it anew: node resave.js SheetJS|ExcelJS SOURCE TARGET
const [program, source, target] = process.argv.slice(2);

if (program === "SheetJS") {
  const XLSX = require("xlsx");
  XLSX.writeFile(XLSX.readFile(source, { cellStyles: true, cellNF: true, bookVBA: true }), target);
} else {
  const ExcelJS = require("exceljs");
  const book = new ExcelJS.Workbook();
  book.xlsx.readFile(source).then(() => book.xlsx.writeFile(target));
}
