"""Tables that programs hand out: headers of help desks, marketplaces, shops, processors of payments and of what people
publish to keep such lists, in the languages that are told; the rows are invented.

A layout begins with `# its name`. Its second line has the columns, each with the places where its cells belong (any of
them; none: a column of the workbook's own); its rows follow.
"""

from __future__ import annotations

from tests.support.layouts import OWN, Layout

_TEXT = """
# rma admin
ID | RMA Number = number | Customer Name = customer | Customer Email | Product = item | SKU | Order Number = order | Return Category = reason / own | Status = resolution.status | Created Date = opened | Refund Amount = amount / resolution.amount | Refund Status
1 | RMA-2023-001 | Ann Lee | ann@x.com | Blue shoe | SH-1 | 100234 | Defective | Approved | 2023-05-02 | 49.90 | Pending
2 | RMA-2023-002 | Bo Li | bo@x.com | Red hat | HT-1 | 100235 | Wrong item | Pending | 2023-05-03 | 20.00 | Not started

# returns qc
Return ID = number | Order ID = order | Customer = customer | Item = item | Reason = reason | Amount = amount / resolution.amount | Status = resolution.status | Date = opened | QC Status | Pickup Status
R-1 | O-1 | Ann | Shoe | Too small | 12.00 | Requested | 2023-05-01 | Pass | Picked
R-2 | O-2 | Bo | Hat | Damaged | 9.50 | Approved | 2023-05-02 | Fail | Scheduled

# returns meesho
Return ID = number | Order ID = order | Customer = customer | Product = item | Reason = reason | Qty
R-1 | O-1 | Ann | Shoe | Too small | 1
R-2 | O-2 | Bo | Hat | Damaged | 2

# returns courier
Return ID = number | Order ID = order | Type = own / reason | Product = item | Customer = customer | Courier | AWB | Status = resolution.status | Amount = amount / resolution.amount
R-1 | O-1 | RTO | Shoe | Ann | DHL | 14324 | In transit | 500
R-2 | O-2 | Return | Hat | Bo | Delhivery | 14325 | Received | 230

# returns servlet
Return ID = number | Order ID = order | Customer Name = customer | Phone | Product = item | Reason = reason | Status = resolution.status | Return Date = opened | Refund Amount = amount / resolution.amount
1 | 7001 | Ann Lee | 555-0101 | Shoe | Too small | Pending | 2023-05-01 | 12.00
2 | 7002 | Bo Li | 555-0102 | Hat | Damaged | Refunded | 2023-05-02 | 9.50

# returns details
Return ID = number | Order ID = order | Product ID = own / item | Quantity | Reason = reason | Status = resolution.status | Refund Amount = amount / resolution.amount | Date = opened
RT1 | O1 | P-77 | 1 | Too small | Approved | ₹499 | 2023-05-01
RT2 | O2 | P-78 | 2 | Damaged | Rejected | ₹250 | 2023-05-03

# returns dashboard
Return ID = number | Order ID = order | Name = customer | Email | Items = own / item | Price | Status = resolution.status | Created At = opened | Updated At = own / resolution.date
3413 | 5001 | Ann Lee | ann@x.com | 2 | 120.00 | Pending | 2023-05-01T10:00:00Z | 2023-05-02T10:00:00Z
3414 | 5002 | Bo Li | bo@x.com | 1 | 80.00 | Completed | 2023-05-03T10:00:00Z | 2023-05-05T10:00:00Z

# returns statuses
Return ID = number | Order ID = order | Customer Name = customer | Contact | Product Name = item | SKU | Qty | Request Date = opened | Reason = reason | Condition | Refund Method = resolution.method | Refund Status = resolution.status / own | Return Status = resolution.status / own
RET-1 | O-1 | Ann | 555-010 | Shoe | S-1 | 1 | 2023-05-01 | Too small | Unused | Card | Pending | Received
RET-2 | O-2 | Bo | 555-011 | Hat | H-1 | 1 | 2023-05-02 | Damaged | Used | Wallet | Completed | Closed

# refunds cs
Refund ID = number | Order ID = order | Customer = customer | Amount = amount / resolution.amount | Reason = reason | Status = resolution.status | Date = opened
RF-1 | O-1 | Ann | 12.00 | Damaged | Pending | 05/13/2023
RF-2 | O-2 | Bo | 8.00 | Late | Processed | 05/15/2023

# refunds audit
Refund ID = number | Order ID = order | Amount (GHS) = amount / resolution.amount | Refund Method = resolution.method | Status = resolution.status | Created At = opened | Approved By | Note = notes
1 | ORD-7 | 30.00 | MoMo | pending | 2023-05-01 10:00:00 | System |
2 | ORD-8 | 45.00 | Card | approved | 2023-05-02 11:00:00 | Kofi | checked twice

# refunds processed
Refund ID = number | Order ID = order | Amount = amount / resolution.amount | Reason = reason | Status = resolution.status | Requested At = opened | Processed At = resolution.date / own | Processed By | Notes = notes
R1 | O1 | 10 | damaged | pending | 2023-05-01T10:00:00.000Z |  |  |
R2 | O2 | 20 | late | processed | 2023-05-02T10:00:00.000Z | 2023-05-04T10:00:00.000Z | admin | done

# refunds categories
Refund ID = number | Order ID = order | Amount = amount / resolution.amount | Reason Category = reason | Resolution = resolution.outcome | Stage | Status = resolution.status | Requested At = opened
1 | 1001 | 10.00 | DAMAGED | REFUND | L1 | PENDING | 2023-05-01T10:00:00
2 | 1002 | 12.00 | WRONG_ITEM | REPLACEMENT | L2 | APPROVED | 2023-05-02T10:00:00

# refunds methods
Refund ID = number | Order ID = order | Customer Name = customer | Customer Email | Payment Method | Amount = amount / resolution.amount | Status = resolution.status | Date = opened
1 | 1001 | Ann | a@x.com | COD | 100.00 | Refund Initiated | 1/5/2023
2 | 1002 | Bo | b@x.com | UPI | 50.00 | Refunded | 13/5/2023

# refunds shops
SL | Product = item | Refund Id = number | Order Id = order | Shop Name | Payment Method | Payment Status | Paid By | Amount = amount / resolution.amount | Transaction Type
1 | Shoe | R-10 | O-10 | Shop Nine | COD | paid | admin | 30 | refund
2 | Hat | R-11 | O-11 | Shop Ten | bKash | paid | seller | 45 | refund

# third party returns
Order = order | Customer Email | Item Sku = own / item | Return Quantity | Return Reason = reason | Return Status = resolution.status | Amount = amount / resolution.amount | Return Requested At = opened | Return Closed At = resolution.date
#1005 | d@x.com | SKU-2 | 2 | DEFECTIVE | CLOSED | 80 | 2023-01-05T00:00:00Z | 2023-01-09T00:00:00Z
#1006 | e@x.com | SKU-3 | 1 | SIZE | OPEN | 40 | 2023-01-06T00:00:00Z |

# chargeback bank
Department | Card | Amount = amount | Chargeback date = opened | Bank | Chargeback type = reason / own | Case reference = number | Bank reference | Debit Credit | SLA | Order ID = order | Order Reference | Order value | Seller ID | Charge seller | Status = resolution.status | DASH | Refund = own / resolution.amount | Proof of Delivery | Cover letter | Reason = reason / own | Notes = notes | Last updated = own / resolution.date | User ID
CB | Visa | 49.90 | 2023-05-02 | HSBC | Fraud | CB-9001 | HS-1 | D | 5 | O-1 | REF-1 | 59.90 | S-1 | N | Open |  |  | Y | Y | 4837 |  | 2023-05-03 | u1
CB | MC | 20.00 | 2023-05-03 | HSBC | Service | CB-9002 | HS-2 | D | 5 | O-2 | REF-2 | 20.00 | S-2 | Y | Won |  | 20.00 |  | Y | 4853 | sent | 2023-05-09 | u2

# chargeback india
Chargeback Raise Date = opened | Case Number = number | Acquirer Reference Data - RRN = own / payment | Primary Account Number | Transaction Date | Transaction Amount | Chargeback Reason code = reason / own | Chargeback Reason code description = own / reason | Chargeback Amount = amount | Target Date = own / respond_by | PGI REF NO#
01-May-23 | CASE1001 | 312345678901 | 411111XXXXXX1111 | 20-Apr-23 | 120.00 | 4837 | No cardholder authorization | 120.00 | 15-May-23 | PGI1
02-May-23 | CASE1002 | 312345678902 | 411111XXXXXX1112 | 21-Apr-23 | 60.00 | 4853 | Not as described | 60.00 | 16-May-23 | PGI2

# reversals
Case Number = number | Status = resolution.status | Type = own / reason | Amount = amount | Currency = currency | Created Date = opened | Last Updated = own / resolution.date | Description = own / notes | Transaction ID = payment
RV-1 | pending | chargeback | 10.00 | USD | 2023-05-01 | 2023-05-02 | Not received | TX1
RV-2 | resolved | refund | 20.00 | EUR | 2023-05-03 | 2023-05-08 | Damaged item | TX2

# cases orders
Case Number = number | Status = resolution.status | Client = customer | Order Number = order | Created = opened
C-1 | open | Ann | O-1 | May 1, 2023
C-2 | closed | Bo |  | May 2, 2023

# tickets crm
Ticket ID = number | Subject = own / notes | Status = resolution.status | Priority | CRM Stage | Website | Visitor Name = own / customer | Visitor Email | Assigned Agent = own / message.agent | Assigned At | Created At = opened | Updated At = own / resolution.date
T1 | Refund please | open | high | lead | shop.com | Ann | a@x.com | Maya | 2023-05-01 10:00 | 2023-05-01 09:00 | 2023-05-02 10:00
T2 | Where is it | closed | low | won | shop.com | Bo | b@x.com | Lin | 2023-05-02 10:00 | 2023-05-02 09:00 | 2023-05-03 10:00

# tickets support
Ticket ID = number | Subject = own / notes | Status = resolution.status | Priority | User Email | Assigned To | Created Date = opened | Resolved Date = resolution.date | Resolution Time (hours)
1 | Refund | open | high | a@x.com | Unassigned | 5/1/2023 | N/A | N/A
2 | Late | resolved | low | b@x.com | m@x.com | 5/14/2023 | 5/16/2023 | 48.0

# tickets messages
Ticket ID = number | Subject = own / notes | Status = resolution.status | Priority | Category = reason | Created = opened | Updated = own / resolution.date | Messages
1 | Refund | open | high | Billing | 2023-05-01T10:00:00.000Z | 2023-05-02T10:00:00.000Z | 3
2 | Late | closed | low | Delivery | 2023-05-02T10:00:00.000Z | 2023-05-03T10:00:00.000Z | 12

# tickets sla
Ticket ID = number | Customer ID | Customer Name = customer | Subject = own / notes | Category = reason | Priority | Status = resolution.status | Created At = opened
T-1 | C-9 | Ann | Refund | Billing | high | open | 2023-05-01 10:00
T-2 | C-10 | Bo | Late | Delivery | low | resolved | 2023-05-02 10:00

# tickets kaggle
Ticket ID = number | Customer Name = customer | Customer Email | Customer Age | Customer Gender | Product Purchased = item / own | Date of Purchase | Ticket Type = reason | Ticket Subject = own / notes | Ticket Description = own / notes | Ticket Status = resolution.status | Resolution = resolution.outcome | Ticket Priority | Ticket Channel = own / message.channel | First Response Time | Time to Resolution | Customer Satisfaction Rating
1 | Ann | a@x.com | 32 | Female | GoPro Hero | 2021-03-22 | Technical issue | Product setup | I'm having an issue with it | Pending Customer Response |  | Critical | Social media | 2023-06-01 12:15:36 |  |
2 | Bo | b@x.com | 42 | Male | LG TV | 2021-05-22 | Refund request | Peripheral | Please refund | Closed | Case maybe show recently | Low | Email | 2023-06-01 16:45:38 | 2023-06-01 18:05:38 | 3.0

# jira export
Summary = own / notes / reason | Issue key = number | Issue id | Issue Type = reason | Status = resolution.status | Project key | Project name | Priority | Resolution = resolution.outcome | Assignee | Reporter = own / customer | Creator | Created = opened | Updated = own / resolution.date | Last Viewed | Resolved = resolution.date | Due date = own / respond_by | Votes | Description = own / notes | Environment
Refund for order 7 | SUP-1 | 10001 | Refund | To Do | SUP | Support | High |  | maya | ann | ann | 12/Mar/23 9:41 AM | 14/Mar/23 10:00 AM | 15/Mar/23 10:00 AM |  | 31/Mar/23 | 0 | Please refund |
Wrong item | SUP-2 | 10002 | Return | Done | SUP | Support | Low | Done | lin | bo | bo | 13/Mar/23 8:00 AM | 16/Mar/23 8:00 AM |  | 16/Mar/23 8:00 AM |  | 1 | Wrong colour |

# jira service
Issue Type = reason / own | Key = number | Summary = own / notes / reason | Reporter = own / customer | Assignee | Status = resolution.status | Created = opened | Time to resolution | Time to first response | Request Type = own / reason | Satisfaction
Service Request | DESK-12 | Refund please | Ann | Maya | Waiting for support | 12/Mar/23 9:41 AM | 3h | 1h | Refund | 5
Service Request | DESK-13 | Late | Bo | Lin | Resolved | 13/Mar/23 9:41 AM | 2h | 1h | Delivery | 4

# osticket
Ticket Number = number | Date Created = opened | Subject = own / notes | From = own / customer | From Email | Priority | Department | Help Topic = own / reason | Source = own / message.channel | Current Status = resolution.status | Last Updated = own / resolution.date | SLA Due Date = own / respond_by | Due Date = own / respond_by | Closed Date = resolution.date | Overdue | Merged | Linked | Answered | Agent Assigned = own / message.agent | Team Assigned | Thread Count | Attachment Count
123456 | 5/1/23 10:01 AM | Refund | Ann Lee | a@x.com | Normal | Support | Refunds | Email | Open | 5/2/23 9:00 AM | 5/3/23 9:00 AM |  |  | No | No | No | Yes | Maya |  | 3 | 0
123457 | 5/14/23 10:01 AM | Late | Bo Li | b@x.com | High | Support | Delivery | Web | Closed | 5/16/23 9:00 AM | 5/17/23 9:00 AM |  | 5/16/23 9:00 AM | No | No | No | Yes | Lin |  | 5 | 1

# gorgias
Ticket ID = number | Subject = own / notes | Status = resolution.status | Channel = message.channel / own | Customer email = own / customer | Customer name = customer | Assignee name | Assignee email | Creation date = opened | Closed date = resolution.date | Tags | Survey score | Number of agent messages | Integrations | First response time (s) | Resolution time (s)
1 | Refund | open | email | a@x.com | Ann | Maya | m@x.com | 2023-05-01T10:00:00 |  | refund,urgent |  | 2 | shopify | 300 |
2 | Late | closed | chat | b@x.com | Bo | Lin | l@x.com | 2023-05-02T10:00:00 | 2023-05-03T10:00:00 |  | 5 | 4 | shopify | 120 | 86400

# helpscout
Conversation Number = own / number | Conversation ID = own / number | Mailbox | Customer = customer | Customer Email | Subject = own / notes | Status = resolution.status | Assigned To | Created At = opened | Closed At = resolution.date | Threads | Tags | Closed By
1001 | 88001 | Support | Ann | a@x.com | Refund | Active | Maya | 2023-05-01 10:00 |  | 3 | refund |
1002 | 88002 | Support | Bo | b@x.com | Late | Closed | Lin | 2023-05-02 10:00 | 2023-05-04 10:00 | 5 |  | Lin

# zoho desk
Ticket Id = number / own | Request Id = number / own | Subject = own / notes | Contact Name = own / customer | Email | Phone | Account Name | Product Name = item | Status = resolution.status | Category = reason | Sub Category | Priority | Channel = own / message.channel | Ticket Owner | Created Time (Ticket) = opened | Modified Time (Ticket) = own / resolution.date | Ticket Closed Time = resolution.date | Due Date = own / respond_by | Resolution = resolution.outcome | Classification = own / reason
488000001 | 101 | Refund | Ann | a@x.com | 555 | Acme | Shoe | Open | Billing | Refund | High | Email | Maya | 2023-05-01 10:00:00 | 2023-05-02 10:00:00 |  | 2023-05-04 10:00:00 |  | Problem
488000002 | 102 | Late | Bo | b@x.com | 556 | Bcme | Hat | Closed | Delivery | Late | Low | Web | Lin | 2023-05-02 10:00:00 | 2023-05-03 10:00:00 | 2023-05-03 10:00:00 | 2023-05-05 10:00:00 | Refunded | Question

# salesforce cases
Case Number = number | Contact Name = own / customer | Subject = own / notes | Status = resolution.status | Priority | Date/Time Opened = opened | Case Owner Alias | Parent Case Number | Type = own / reason | Closed Date = resolution.date
00001001 | Ann | Refund | New | High | 5/1/2023 10:00 AM | MaLee |  | Problem |
00001002 | Bo | Late | Closed | Low | 5/14/2023 10:00 AM | LiBo | 00001001 | Question | 5/16/2023

# servicenow
Number = number | Opened = opened | Short description = own / notes / reason | Caller = own / customer | Priority | State = resolution.status | Category = reason | Assignment group | Assigned to | Updated = own / resolution.date | Updated by | Closed = resolution.date | Close notes = own / resolution.outcome
INC0010001 | 2023-05-01 10:00:00 | Refund missing | Ann | 3 | New | Billing | Support | Maya | 2023-05-01 11:00:00 | maya |  |
INC0010002 | 2023-05-02 10:00:00 | Late | Bo | 4 | Closed | Delivery | Support | Lin | 2023-05-05 10:00:00 | lin | 2023-05-05 10:00:00 | Refunded

# amazon fba returns
return-date = opened / own | order-id = order | sku | asin | fnsku | product-name = item | quantity | fulfillment-center-id | detailed-disposition | reason = reason | status = resolution.status | license-plate-number = own / number | customer-comments = own / notes
2023-05-01T09:13:07+00:00 | 406-1 | S-1 | B01 | X01 | Shoe | 1 | ABE2 | SELLABLE | UNWANTED_ITEM | Unit returned to inventory | LPN1 |
2023-05-03T09:13:07+00:00 | 406-2 | S-2 | B02 | X02 | Hat | 1 | ABE2 | DEFECTIVE | DEFECTIVE | Reimbursed | LPN2 | broken

# amazon safet
SAFE-T Claim ID = number | Order ID = order | ASIN | Claim Reason = reason | Claim Status = resolution.status | Claim Creation Date = opened | Claim Amount = amount | Reimbursement Amount = resolution.amount | Currency = currency
12345 | 406-1 | B01 | Item damaged | Under Investigation | 2023-05-01 | 40.00 |  | USD
12346 | 406-2 | B02 | Not received | Granted | 2023-05-02 | 20.00 | 20.00 | USD

# amazon atoz
Order ID = order | Claim ID = number | Claim Date = opened | Claim Type = reason | Claim Amount = amount | Claim Status = resolution.status | Respond By = respond_by | Buyer Comments = own / notes | Decision = resolution.outcome | Amount Refunded = resolution.amount
406-1 | A1 | 2023-05-01 | Not received | 40.00 | Under review | 2023-05-04 | never came |  |
406-2 | A2 | 2023-05-02 | Damaged | 20.00 | Denied | 2023-05-05 |  | Seller favour | 0.00

# ebay returns
Return ID = number | Item ID | Item title = item | Order number = order | Buyer username = customer | Return reason = reason | Return status = resolution.status | Return opened date = opened | Tracking number | Refund amount = amount / resolution.amount | Return closed date = resolution.date | Buyer comments = own / notes
5001 | 1234 | Blue Shoe | 10-1 | ann_88 | Doesn't fit | Return started | 2023-05-01 | 1Z9 | 12.00 |  |
5002 | 1235 | Hat | 10-2 | bo_9 | Arrived damaged | Closed | 2023-05-02 | 1Z8 | 9.00 | 2023-05-09 | box crushed

# ebay cases
Case ID = number | Item ID | Buyer user ID = customer / own | Case type = reason | Case status = resolution.status | Date opened = opened | Respond by date = respond_by | Transaction amount = own / amount | Requested amount = amount
5001 | 123 | ann_88 | Item not received | Open | 2023-05-01 | 2023-05-04 | 12.00 | 12.00
5002 | 124 | bo_9 | Not as described | Closed | 2023-05-02 | 2023-05-05 | 13.00 | 9.00

# etsy cases
Case ID = number | Order ID = order | Buyer = customer | Opened on = opened | Issue = reason | Amount = amount | Currency = currency | Status = resolution.status | Closed on = resolution.date | Refund issued = own / resolution.amount
77 | 301 | ann | 05/13/2023 | Non-delivery | 12.00 | USD | Open |  |
78 | 302 | bo | 05/14/2023 | Not as described | 20.00 | USD | Closed | 05/20/2023 | 20.00

# walmart returns
Return Order # = number / own | Customer Order # = order | PO # = own / order | Customer Name = customer | Return Date = opened | Return By Date | SKU | Item Name = item | Return Qty | Return Reason = reason | Return Status = resolution.status | Refund Status | Refund Amount = amount / resolution.amount | Tracking Number
R100 | 2000 | 3000 | Ann | 2023-05-01 | 2023-06-01 | S1 | Shoe | 1 | Damaged | Initiated | Pending | 12.00 | 1Z1
R101 | 2001 | 3001 | Bo | 2023-05-02 | 2023-06-02 | S2 | Hat | 1 | Late | Completed | Refunded | 9.00 | 1Z2

# shopify disputes
Dispute ID = number | Order = order | Type = own / reason | Amount = amount | Currency = currency | Reason = reason | Status = resolution.status | Evidence due by = respond_by | Evidence sent on = answered_on | Finalized on = resolution.date | Initiated at = opened
1 | #1001 | chargeback | 40.00 | USD | fraudulent | needs_response | 2023-05-10 |  |  | 2023-05-01
2 | #1002 | inquiry | 20.00 | USD | product_not_received | won | 2023-05-11 | 2023-05-05 | 2023-06-01 | 2023-05-02

# woocommerce refunds
Refund ID = number | Parent Order ID = order / own | Refund Date = resolution.date / opened / own | Refund Amount = amount / resolution.amount | Refund Reason = reason | Refunded By | Customer = customer | Order Total | Payment Method
901 | 801 | 2023-05-01 | 12.00 | Damaged | admin | Ann Lee | 40.00 | stripe
902 | 802 | 2023-05-02 | 8.00 | Late | admin | Bo Li | 30.00 | paypal

# loop returns
Return ID = number | Order Name = order / own | Customer = customer | Customer Email | State = resolution.status | Created At = opened | Updated At = own / resolution.date | Total Return Value = own / amount | Refund = own / resolution.amount | Gift Card | Exchange | Outcome = resolution.outcome | Label Status | Return Reason = reason | Tracking Number | Currency = currency
1 | #1001 | Ann | a@x.com | open | 2023-05-01 10:00:00 | 2023-05-02 10:00:00 | 40.00 | 40.00 | 0 | 0 | refund | delivered | Too small | 1Z1 | USD
2 | #1002 | Bo | b@x.com | closed | 2023-05-02 10:00:00 | 2023-05-04 10:00:00 | 30.00 | 0 | 30.00 | 0 | credit | in_transit | Damaged | 1Z2 | USD

# aftership returns
RMA = number | Order number = order | Customer name = customer | Customer email | Return requested date = opened | Return status = resolution.status | Shipping status | Refund status | Product info = item / own | Product SKU = own / item | Return reason = reason | Comments = notes | Resolution = resolution.outcome | Refund amount = amount / resolution.amount | Refund method preference | Return method | Tracking number
R20230416 | #1001 | Ann | a@x.com | 2023-04-16 10:00 | Pending review | In transit | Not refunded | x1 Vest | V-1 | Too small |  | Refund | 40.00 | Original payment | Drop off | 1Z1
R20230417 | #1002 | Bo | b@x.com | 2023-04-17 10:00 | Resolved | Delivered | Refunded | x1 Hat | H-1 | Damaged | box | Store credit | 20.00 | Credit | Mail | 1Z2

# adyen disputes
Company Account | Merchant Account | Psp Reference = payment | Merchant Reference = own / order | Payment Method | Record Date = own / opened | Record Date TimeZone | Dispute Currency = currency | Dispute Amount = amount | Record Type = own / resolution.status | Dispute PSP Reference = number | Dispute Reason = reason | RFI Scheme Code | RFI Reason Code | CB Scheme Code | CB Reason Code | NoF Scheme Code | NoF Reason Code | Payment Date | Payment Date TimeZone | Payment Currency | Payment Amount | Dispute Date = opened | Dispute Date TimeZone | Dispute ARN | User Name | Shopper Email | Shopper Name = own / customer | Risk Scoring | Shopper Interaction | Dispute End Date = resolution.date / respond_by / own
Co | Shop | 8812345678901234 | ORDER-1 | visa | 2023-05-01 10:00:00 | CEST | EUR | 40.00 | Chargeback | 9912345678901234 | Fraud |  |  | visa | 10.4 |  |  | 2023-04-01 10:00:00 | CEST | EUR | 40.00 | 2023-05-01 09:00:00 | CEST | 7412 | user | a@x.com | Ann Lee | 20 | Ecommerce | 2023-05-20 00:00:00
Co | Shop | 8812345678901235 | ORDER-2 | mc | 2023-05-02 10:00:00 | CEST | EUR | 20.00 | ChargebackReversed | 9912345678901235 | Not received |  |  | mc | 4853 |  |  | 2023-04-02 10:00:00 | CEST | EUR | 20.00 | 2023-05-01 09:00:00 | CEST | 7413 | user | b@x.com | Bo Li | 10 | Ecommerce | 2023-05-21 00:00:00

# braintree disputes
Dispute ID = number / own | Amount Disputed = amount | Amount Won | Case Number = own / related / number | Kind | Status = resolution.status | Received Date = opened | Reply By Date = respond_by | Reason = reason | Reason Code | Currency ISO Code = currency | Transaction ID = payment | Transaction Date | Transaction Amount | Order ID = order | Merchant Account ID | Payment Instrument | Card Type | Customer Name = customer | Customer Email
dsp1 | 40.00 |  | CASE-1 | Chargeback | Open | 2023-05-01 | 2023-05-10 | Fraud | 83 | USD | tx1 | 2023-04-01 | 40.00 | O-1 | shop | Credit Card | Visa | Ann | a@x.com
dsp2 | 20.00 | 20.00 | CASE-2 | Chargeback | Won | 2023-05-02 | 2023-05-11 | Not received | 30 | USD | tx2 | 2023-04-02 | 20.00 | O-2 | shop | Credit Card | MC | Bo | b@x.com

# square disputes
Dispute ID = number | Dispute Date = opened | Payment ID = payment | Payment Date | Location | Amount = amount | Reason = reason | State = resolution.status | Due Date = respond_by / own | Card Brand | Last 4 | Customer = customer
d1 | 2023-05-01 | p1 | 2023-04-01 | Main | $40.00 | FRAUD | EVIDENCE_REQUIRED | 2023-05-10 | VISA | 1111 | Ann
d2 | 2023-05-02 | p2 | 2023-04-02 | Main | $20.00 | NOT_RECEIVED | WON | 2023-05-11 | MC | 2222 | Bo

# checkout disputes
Dispute ID = number | Dispute Issue Date UTC = opened / own | Dispute Created Date UTC = opened | Client Name = own / customer | Client Entity Name | Sub Entity Name | Processing Channel Name | Merchant Category Code | Dispute Indicator | Dispute Reason Code = reason / own | Dispute Category = reason / own | Dispute Status = resolution.status | Dispute Amount = amount | Dispute Currency = currency | Due By = respond_by / own | Payment ID = payment / own | Payment Reference = own / payment | Payment Method | ARN
dsp_1 | 2023-05-01 09:00:00 | 2023-05-01 10:00:00 | Co | Co Ltd |  | Web | 5999 | CB1 | 10.4 | Fraudulent | evidence_required | 40.00 | USD | 2023-05-10 10:00:00 | pay_1 | ORD-1 | Visa | 741
dsp_2 | 2023-05-02 09:00:00 | 2023-05-02 10:00:00 | Co | Co Ltd |  | Web | 5999 | CB1 | 13.1 | Not received | lost | 20.00 | USD | 2023-05-11 10:00:00 | pay_2 | ORD-2 | Visa | 742

# xendit disputes
dispute_id = number | payment_id = payment | status = resolution.status | reason = reason | payment_method_type | payment_channel | card_brands | dispute_amount = amount | currency = currency | created = opened | due_date = respond_by / own | updated = own / resolution.date | resolved_at = resolution.date
d-1 | p-1 | ACTION_REQUIRED | fraud | CARDS | VISA | VISA | 40000 | IDR | 2023-05-01T10:00:00Z | 2023-05-10T10:00:00Z | 2023-05-02T10:00:00Z |
d-2 | p-2 | LOST | duplicate | QR | QRIS |  | 20000 | IDR | 2023-05-02T10:00:00Z | 2023-05-11T10:00:00Z | 2023-05-20T10:00:00Z | 2023-05-20T10:00:00Z

# ppro disputes
REPORT_DATE | DISPUTE_ID = number | PAYMENT_CHARGE_ID = payment | MERCHANT_ID | MERCHANT_PAYMENT_REFERENCE = own / order | PAYMENT_METHOD | RECORD_DATE | PROVIDER_DISPUTE_DATE = opened / own | DISPUTE_CURRENCY = currency | DISPUTE_AMOUNT = amount | DISPUTE_STATUS = resolution.status | DISPUTE_REASON = reason | DISPUTE_DUE_DATE = respond_by
2023-05-04T00:00:00Z | D1 | C1 | M1 | O-1 | PIX | 2023-05-02T00:00:00Z | 2023-05-01T00:00:00Z | EUR | 40.00 | OPEN | FRAUD | 2023-05-10T00:00:00Z
2023-05-04T00:00:00Z | D2 | C2 | M1 | O-2 | CARD | 2023-05-03T00:00:00Z | 2023-05-02T00:00:00Z | EUR | 20.00 | LOST | OTHER | 2023-05-11T00:00:00Z

# payrix disputes
Merchant | Merchant ID | DBA- Statement Descriptor | Disputed On = opened | Status = resolution.status | Respond By = respond_by | Cardholder = customer | Amount = amount | Past Due | Dispute ID = number | Transaction ID = payment | Reason = reason
Shop | m1 | SHOP* | 2023-05-01 | Needs Response | 2023-05-10 | Ann Lee | 40.00 | 0 | d1 | t1 | Fraud
Shop | m1 | SHOP* | 2023-05-02 | Lost | 2023-05-11 | Bo Li | 20.00 | 3 | d2 | t2 | Duplicate

# mollie chargebacks
Chargeback ID = number | Payment ID = payment | Amount = amount | Currency = currency | Settlement amount | Settlement currency | Created at = opened | Reversed at = own / resolution.date | Reason code = reason | Reason description = own / reason | Description = own / notes
chb_1 | tr_1 | 40.00 | EUR | -40.00 | EUR | 2023-05-01T10:00:00+00:00 |  | AC01 | Account identifier incorrect | Order 1
chb_2 | tr_2 | 20.00 | EUR | -20.00 | EUR | 2023-05-02T10:00:00+00:00 | 2023-05-09T10:00:00+00:00 | AC04 | Account closed | Order 2

# klarna disputes
dispute_id = number | order_id = order | merchant_reference | opened_at = opened | deadline_expires_at = respond_by / own | closed_at = resolution.date | reason = reason | investigation_status = resolution.status / own | disputed_amount = amount | currency = currency | closing_reason = resolution.outcome / own | region
k1 | o1 | m1 | 2023-05-01T10:00:00Z | 2023-05-10T10:00:00Z |  | return | OPEN | 40.00 | EUR |  | eu
k2 | o2 | m2 | 2023-05-02T10:00:00Z | 2023-05-11T10:00:00Z | 2023-05-15T10:00:00Z | faulty_goods | CLOSED | 20.00 | EUR | merchant_lost | eu

# tabapay exceptions
Exception ID = number / own | Exception Code = own / reason | Exception Description = own / reason | Exception Date = opened / own | Action Status = resolution.status / own | Status Date | Days Open | Network Transaction ID = payment / own | Exception Network | Last 4 | Exception Settled Amount = amount / own
E1 | 10.4 | Fraud | 2023-05-01 | Open | 2023-05-02 | 3 | NT1 | Visa | 1111 | 40.00
E2 | 13.1 | Not received | 2023-05-02 | Lost | 2023-05-09 | 7 | NT2 | Visa | 2222 | 20.00

# visa vrol
VROL Case Number = number | Dispute ID = own / number | ARN | Dispute Condition = reason / own | Dispute Amount = amount | Dispute Currency = currency | Transaction Amount | Transaction Date | Dispute Date = opened | Response Due Date = respond_by | Dispute Status = resolution.status | Merchant Name | Card Number
1001 | D1 | 7411 | 10.4 | 40.00 | USD | 40.00 | 2023-04-01 | 2023-05-01 | 2023-05-10 | Open | Shop | 4111XX1111
1002 | D2 | 7412 | 13.1 | 20.00 | USD | 20.00 | 2023-04-02 | 2023-05-02 | 2023-05-11 | Closed | Shop | 4111XX2222

# worldpay disputes
Dispute reference = number | Order code = order / own | Merchant code | Raised date = opened | Dispute type = reason / own | Reason code = reason / own | Disputed amount = amount | Disputed currency = currency | Defend by = respond_by / own | Stage = own / resolution.status | Status = resolution.status
W1 | OC1 | MC1 | 01/05/2023 | Chargeback | 10.4 | 40.00 | GBP | 15/05/2023 | First | Action required
W2 | OC2 | MC1 | 13/05/2023 | RFI | 30 | 20.00 | GBP | 25/05/2023 | First | Won

# agent haul
Order No. = order | Agent | Item Name = item | Item Link | Seller | Price (CNY) | Domestic Shipping | QC Link | Issue = reason | Refund Requested On = opened | Refund Amount (CNY) = amount / resolution.amount | Refund Status = resolution.status | Date Refunded = resolution.date | Ticket # = number | Notes = notes
DO230501 | Pandabuy | Shoe | https://weidian.com/1 | Nine | 199 | 10 | https://qc/1 | Wrong size | 2023-05-01 | 199 | Pending |  | T-1 |
DO230502 | Pandabuy | Hat | https://weidian.com/2 | Ten | 59 | 8 | https://qc/2 | Flawed | 2023-05-02 | 59 | Refunded | 2023-05-06 | T-2 | to balance

# refund tracker sheet
Date Requested = opened | Store | Order # = order | Item(s) Returned = item | Reason for Return = reason | Refund Expected = own / amount | Return Shipped Date | Tracking # | Refund Received = own / resolution.amount | Date Received = own / resolution.date | Status = resolution.status | Confirmation # = own / number | Notes = notes
5/1/2023 | Zara | Z-1 | Dress | Too small | $40.00 | 5/3/2023 | 1Z1 | $40.00 | 5/14/2023 | Refunded | C-1 |
5/15/2023 | H&M | H-1 | Hat | Damaged | $9.00 |  |  |  |  | Waiting | C-2 | called

# claims expense
Claim No = number | Claimant = customer | Claim Date = opened | Description of Loss = own / reason / notes | Amount Claimed = amount | Amount Paid = resolution.amount / own | Date Paid = resolution.date / own | Claim Status = resolution.status | Adjuster = own / message.agent | Remarks = notes
C1 | Ann | 2023-05-01 | Broken in transit | 40.00 |  |  | Open | Lin |
C2 | Bo | 2023-05-02 | Lost | 20.00 | 15.00 | 2023-05-20 | Settled | Lin | partial

# freight claims
Claim # = number | Carrier | PRO Number | Date Filed = opened | Claim Type = reason | Claim Amount = amount | Status = resolution.status | Amount Recovered = own / resolution.amount | Date Resolved = resolution.date | Ship Date | Contact | Comments = notes
F1 | UPS | P1 | 2023-05-01 | Damage | 40.00 | Open |  |  | 2023-04-01 | Joe |
F2 | UPS | P2 | 2023-05-02 | Loss | 20.00 | Paid | 20.00 | 2023-05-20 | 2023-04-02 | Joe |

# warranty log
Claim ID = number | Date Received = opened | Customer Name = customer | Model = own / item | Serial No. | Purchase Date | Warranty Expiry | Fault Description = own / reason / notes | Claim Status = resolution.status | Resolution = resolution.outcome | Cost | Date Closed = resolution.date | Technician
W1 | 2023-05-01 | Ann | X-100 | S1 | 2022-05-01 | 2024-05-01 | No power | Under review |  |  |  | Joe
W2 | 2023-05-02 | Bo | X-200 | S2 | 2022-06-01 | 2024-06-01 | Cracked | Closed | Replaced | 20.00 | 2023-05-20 | Joe

# german rma
Reklamationsnummer = number | Eingangsdatum = opened | Kunde = customer | Bestellnummer = order | Artikel = item | Reklamationsgrund = reason | Betrag = amount | Währung = currency | Status = resolution.status | Erledigt am = resolution.date | Bemerkung = notes
REK-2023-001 | 01.05.2023 | Anna Lehmann | B-1 | Schuh | Defekt | 49,90 | EUR | Offen |  |
REK-2023-002 | 02.05.2023 | Bernd Klein | B-2 | Hut | Falsch | 20,00 | EUR | Erledigt | 09.05.2023 | ok

# german retoure
Retourennummer = number | Auftragsnummer = order | Kundenname = customer | Artikelbezeichnung = item | Menge | Retourengrund = reason | Retourendatum = opened | Erstattungsbetrag = amount / resolution.amount | Erstattet am = resolution.date | Status = resolution.status
RT-1 | A-1 | Anna | Schuh | 1 | Zu klein | 01.05.2023 | 49,90 |  | In Bearbeitung
RT-2 | A-2 | Bernd | Hut | 1 | Defekt | 02.05.2023 | 20,00 | 09.05.2023 | Erstattet

# french reclamations
Numéro de réclamation = number | Date de réclamation = opened | Nom du client = customer | N° de commande = order | Produit = item | Motif = reason | Montant = amount | Devise = currency | Statut = resolution.status | Date de clôture = resolution.date | Commentaires = notes
REC-1 | 01/05/2023 | Anne Petit | C-1 | Chaussure | Défectueux | 49,90 | EUR | En cours |  |
REC-2 | 13/05/2023 | Luc Roi | C-2 | Chapeau | Retard | 20,00 | EUR | Clôturée | 20/05/2023 | ok

# spanish reclamos
Fecha = opened | Cuenta | Claim ID = number | Order ID = order | Tipo = own / reason | Status = resolution.status | Motivo = reason | Modelo | Producto = item
2023-05-01 | tienda1 | CL-1 | O-1 | mediations | opened | PDD | X1 | Zapato
2023-05-02 | tienda1 | CL-2 | O-2 | returns | closed | PNR | X2 | Gorra

# spanish devoluciones
Nº de devolución = number | Fecha de solicitud = opened | Número de pedido = order | Cliente = customer | Motivo de devolución = reason | Importe = amount | Moneda = currency | Estado = resolution.status | Fecha de reembolso = resolution.date | Observaciones = notes
DEV-1 | 01/05/2023 | P-1 | Ana | Defectuoso | 49,90 | EUR | Pendiente |  |
DEV-2 | 13/05/2023 | P-2 | Luis | Tarde | 20,00 | EUR | Reembolsado | 20/05/2023 | ok

# chinese refunds
退款单号 = number | 主订单号 = order | 用户ID | 用户昵称 = customer | 售后状态 = resolution.status | 退款金额 = amount / resolution.amount | 申请退款数量 | 商品名称 = item | 商户名称 | 售后类型 | 收货人电话 | 创建时间 = opened | 退款时间 = resolution.date
TK230501001 | DD1 | 1001 | 小明 | 退款中 | 49.90 | 1 | 鞋子 | 九号店 | 仅退款 | 13800000000 | 2023-05-01 10:00:00 |
TK230501002 | DD2 | 1002 | 小红 | 退款成功 | 20.00 | 1 | 帽子 | 十号店 | 退货退款 | 13800000001 | 2023-05-02 10:00:00 | 2023-05-04 10:00:00

# chinese aftersale
售后单号 = number | 订单号 = order | 买家 = customer | 商品 = item | 退款原因 = reason | 退款金额 = amount / resolution.amount | 状态 = resolution.status | 申请时间 = opened | 完成时间 = resolution.date | 备注 = notes
SH001 | DD1 | 小明 | 鞋子 | 质量问题 | 49.90 | 处理中 | 2023-05-01 10:00:00 |  |
SH002 | DD2 | 小红 | 帽子 | 发错货 | 20.00 | 已完成 | 2023-05-02 10:00:00 | 2023-05-04 10:00:00 | 快

# italian resi
Numero reso = number | Data richiesta = opened | Numero ordine = order | Cliente = customer | Motivo del reso = reason | Importo rimborso = amount / resolution.amount | Stato = resolution.status | Note = notes
RS-1 | 01/05/2023 | O-1 | Anna | Difettoso | 49,90 | In attesa |
RS-2 | 13/05/2023 | O-2 | Luca | Tardi | 20,00 | Rimborsato | ok

# cfpb
Date received = opened | Product = item | Sub-product | Issue = reason | Sub-issue | Consumer complaint narrative = own / notes | Company public response | Company | State | ZIP code | Tags | Consumer consent provided? | Submitted via = own / message.channel | Date sent to company | Company response to consumer = own / resolution.outcome | Timely response? | Consumer disputed? | Complaint ID = number
03/14/2023 | Credit card | General | Billing dispute |  | I paid twice |  | BANK | CA | 90210 |  | Consent provided | Web | 03/15/2023 | Closed with explanation | Yes | N/A | 667788
03/02/2023 | Mortgage | FHA | Trouble |  |  |  | BANK | TX | 73301 |  | N/A | Phone | 03/05/2023 | In progress | Yes | N/A | 667789

# razorpay
dispute_id = number | payment_id = payment | amount = amount | currency = currency | amount_deducted | reason_code = reason | respond_by = respond_by | status = resolution.status | phase = own / resolution.status | created_at = opened | comments = notes
disp_1 | pay_1 | 4000 | INR | 0 | goods_not_received | 2023-05-10 10:00:00 | open | chargeback | 2023-05-01 10:00:00 |
disp_2 | pay_2 | 2000 | INR | 2000 | fraud | 2023-05-11 10:00:00 | lost | chargeback | 2023-05-02 10:00:00 | x

# paystack
Dispute ID = number | Refund Amount = amount / resolution.amount | Currency = currency | Status = resolution.status | Resolution = resolution.outcome | Domain | Transaction Reference = payment | Transaction Amount | Customer Email = own / customer | Category = reason | Due At = own / respond_by | Resolved At = resolution.date | Created At = opened | Evidence = own / message.evidence
1 | 4000 | NGN | awaiting-merchant-feedback |  | live | T1 | 4000 | a@x.com | chargeback | 2023-05-03T10:00:00Z |  | 2023-05-01T10:00:00Z |
2 | 2000 | NGN | resolved | merchant-accepted | live | T2 | 2000 | b@x.com | fraud | 2023-05-04T10:00:00Z | 2023-05-04T10:00:00Z | 2023-05-02T10:00:00Z |

# hubspot tickets
Ticket ID = number | Ticket name = own / notes | Pipeline | Ticket status = resolution.status | Create date = opened | Priority | Ticket owner | Source = own / message.channel | Ticket description = own / notes | Close date = resolution.date | Category = reason | Associated Contact = own / customer | Last activity date = own / resolution.date | Time to close (HH:mm:ss) | Resolution = resolution.outcome
111 | Refund | Support | New | 2023-05-01 10:00 | High | Maya | Email | please |  | Billing | Ann | 2023-05-02 10:00 |  |
112 | Late | Support | Closed | 2023-05-02 10:00 | Low | Lin | Chat | where | 2023-05-04 10:00 | Shipping | Bo | 2023-05-04 10:00 | 48:00:00 | Refunded

# intercom
Conversation ID = number | Started at = opened | Last updated = own / resolution.date | User name = customer | User email | State = resolution.status | Assigned teammate | Team assigned | Channel = message.channel / own | Time to first response | Conversation rating | Conversation tags
9001 | 2023-05-01 10:00 | 2023-05-02 10:00 | Ann | a@x.com | open | Maya | Support | Email | 300 | 5 | refund
9002 | 2023-05-02 10:00 | 2023-05-03 10:00 | Bo | b@x.com | closed | Lin | Support | Chat | 120 | 4 | late

# freshdesk full
Ticket ID = number | Subject = own / notes | Status = resolution.status | Priority | Source | Type = reason / own | Agent = own / message.agent | Group | Created time = opened | Due by Time = own / respond_by | Resolved time = resolution.date | Closed time = own / resolution.date | Last update time | Initial response time | Agent interactions | Customer interactions | Resolution status | First response status | Tags | Survey results | Association type | Every response status | Product = item / own | Full name = customer | Title | Email | Work phone | Mobile phone | Twitter ID | Time zone | Language | Unique external ID
1 | Refund | Open | High | Email | Refund | Maya | Support | 2023-05-01 10:00:00 | 2023-05-04 10:00:00 |  |  | 2023-05-02 10:00:00 | 2023-05-01 11:00:00 | 1 | 2 |  | Within SLA |  |  |  | Within SLA | Shoe | Ann |  | a@x.com |  |  |  | UTC | en |
2 | Late | Closed | Low | Portal | Question | Lin | Support | 2023-05-02 10:00:00 | 2023-05-05 10:00:00 | 2023-05-03 10:00:00 | 2023-05-04 10:00:00 | 2023-05-04 10:00:00 | 2023-05-02 11:00:00 | 2 | 1 | Within SLA | Within SLA |  |  |  | Within SLA | Hat | Bo |  | b@x.com |  |  |  | UTC | en |

# magento rma
RMA # = number | Requested = opened | Order # = order | Order Date | Customer = customer | Status = resolution.status | Action
1000001 | 2023-05-01 | 2000001 | 2023-04-01 | Ann | Pending | View
1000002 | 2023-05-02 | 2000002 | 2023-04-02 | Bo | Processed and Closed | View

# erpnext warranty
ID = number | Status = resolution.status | Complaint Date = opened | Customer = customer | Serial No | Item Code = own / item | Item Name = item | Warranty / AMC Status | Warranty Expiry Date | Issue = reason | Resolution Date = resolution.date | Resolved By | Resolution Details = resolution.outcome | Company
WC-1 | Open | 2023-05-01 | Ann | S1 | I-1 | Shoe | Under Warranty | 2024-01-01 | Broken |  |  |  | Co
WC-2 | Closed | 2023-05-02 | Bo | S2 | I-2 | Hat | Out of Warranty | 2022-01-01 | Torn | 2023-05-09 | maya | Replaced | Co

# netsuite rma
Internal ID | Document Number = own / number | Date = opened | Name = customer | Status = resolution.status | Memo = notes | Amount = amount | Created From
501 | RA100 | 5/1/2023 | Ann | Pending Receipt |  | 40.00 | Sales Order #1
502 | RA101 | 5/14/2023 | Bo | Refunded | ok | 20.00 | Sales Order #2

# shopee returns
Return ID = number | Order ID = order | Return Request Time = opened | Return/Refund Reason = reason | Return/Refund Status = resolution.status | Buyer Username = customer | Product Name = item | SKU Reference No. | Quantity | Refund Amount = amount / resolution.amount | Return Solution = own / resolution.outcome | Return Tracking Number | Seller Response Deadline = own / respond_by | Refund Completed Time = resolution.date
R1 | O1 | 2023-05-01 10:00 | Damaged | Processing | ann8 | Shoe | S1 | 1 | 40.00 | Return and refund | T1 | 2023-05-04 10:00 |
R2 | O2 | 2023-05-02 10:00 | Wrong | Completed | bo8 | Hat | S2 | 1 | 20.00 | Refund only | T2 | 2023-05-05 10:00 | 2023-05-06 10:00

# tiktok returns
Return Order ID = number / own | Order ID = order | Order Amount | Order Status | Return unit price | Buyer Username = customer | Product Name = item | Seller SKU | Return Type = own / reason | Time Requested = opened | Return Reason = reason | Return Status = resolution.status | Return Sub Status | Refund Time = resolution.date / own | Buyer Note = own / notes | Return Logistics Tracking ID
4001 | O1 | 40 | Completed | 40 | ann8 | Shoe | S1 | Return and refund | 2023-05-01 10:00 | Damaged | Return in progress | x |  | pls | T1
4002 | O2 | 20 | Completed | 20 | bo8 | Hat | S2 | Refund only | 2023-05-02 10:00 | Wrong | Completed | y | 2023-05-04 10:00 |  | T2

# flipkart returns
Return ID = number | Order Item ID = own / order | Fulfilment Type | Return Requested Date = opened | Return Approval Date | Return Status = resolution.status | Return Reason = reason | Return Sub-reason | Return Type = own / reason | Return Result = own / resolution.outcome | Return Expectation | Reverse Logistics Tracking ID | SKU | Product Title = item | Quantity | Return Completion Type | Comments = notes | Primary PV Output
1 | OI1 | FBF | 2023-05-01 | 2023-05-02 | in_transit | SIZE | big | customer_return |  | Refund | T1 | S1 | Shoe | 1 |  |  |
2 | OI2 | FBF | 2023-05-02 | 2023-05-03 | completed | QUALITY | torn | customer_return | ok | Refund | T2 | S2 | Hat | 1 |  |  |

# ups claims
Claim Number = number | Claim Status = resolution.status | Date Submitted = opened | Tracking Number | Claim Reason = reason | Claimed Amount = amount | Paid Amount = resolution.amount / own | Currency = currency | Payment Date = own / resolution.date | Shipper | Consignee | Reference
C1 | In process | 05/14/2023 | 1Z1 | Loss | 40.00 |  | USD |  | Shop | Ann | R1
C2 | Paid | 05/02/2023 | 1Z2 | Damage | 20.00 | 20.00 | USD | 05/20/2023 | Shop | Bo | R2

# airline refund
Request Number = number / own | Request Date = opened | Passenger Name = own / customer | Ticket Number = own / number | PNR | Flight | Refund Type | Amount Requested = amount | Amount Approved | Currency = currency | Status = resolution.status | Decision Date = resolution.date / own | Remarks = notes
RQ1 | 2023-05-01 | Ann | T-1 | ABC | X1 | Voluntary | 40 |  | EUR | Pending |  |
RQ2 | 2023-05-02 | Bo | T-2 | ABD | X2 | Schedule | 20 | 20 | EUR | Approved | 2023-05-09 |

# generic cs log
S.No | Date = opened | Complaint No. = number | Customer Name = customer | Contact No. | Product = item | Nature of Complaint = reason | Complaint Details = own / notes | Action Taken = own / resolution.outcome | Attended By | Status = resolution.status | Closing Date = resolution.date | Feedback
1 | 2023-05-01 | C-1 | Ann | 555 | Shoe | Quality | torn |  | Joe | Open |  |
2 | 2023-05-02 | C-2 | Bo | 556 | Hat | Delay | late | refunded | Joe | Closed | 2023-05-04 | ok

# chargeback template
Case # = number | Date Received = opened | Due Date = own / respond_by | Cardholder Name = customer | Card Type | Last 4 Digits | Transaction Date | Transaction Amount | Chargeback Amount = amount | Reason Code = reason | Order # = order | Response Sent = answered_on / own | Outcome (Won/Lost) = resolution.outcome / own | Amount Recovered | Fees | Notes = notes
1 | 2023-05-01 | 2023-05-10 | Ann | Visa | 1111 | 2023-04-01 | 40 | 40 | 10.4 | O-1 | 2023-05-05 |  |  | 15 |
2 | 2023-05-02 | 2023-05-11 | Bo | MC | 2222 | 2023-04-02 | 20 | 20 | 4853 | O-2 | 2023-05-06 | Won | 20 | 15 | x

# german tickets
Ticket-Nr. = number | Erstellt am = opened | Betreff = own / notes | Kunde = customer | Bestell-Nr. = order | Kategorie = reason | Bearbeiter = own / message.agent | Status = resolution.status | Letzte Änderung = own / resolution.date | Geschlossen am = resolution.date | Priorität
T-1 | 01.05.2023 | Geld zurück | Anna | B-1 | Erstattung | Maya | Offen | 02.05.2023 |  | Hoch
T-2 | 02.05.2023 | Spät | Bernd | B-2 | Versand | Lin | Geschlossen | 04.05.2023 | 04.05.2023 | Tief

# german rueck
Fall-ID = number | Datum = opened | Auftragsnr. = order | Käufer = customer | Artikelname = item | Grund der Rückgabe = reason | Geforderter Betrag = amount / own | Erstatteter Betrag = resolution.amount / own | Währung = currency | Erstattungsdatum = resolution.date | Zahlungsart | Sendungsnummer | Notizen = notes | Status = resolution.status
F-1 | 01.05.2023 | A-1 | Anna | Schuh | Defekt | 49,90 |  | EUR |  | PayPal | S1 |  | In Prüfung
F-2 | 02.05.2023 | A-2 | Bernd | Hut | Falsch | 20,00 | 20,00 | EUR | 09.05.2023 | Karte | S2 | ok | Erstattet

# french sav
N° dossier = number | Date d'ouverture = opened | Client = customer | Numéro de commande = order | Article = item | Motif du retour = reason | Montant remboursé = resolution.amount / own | Date de remboursement = resolution.date | État = resolution.status | Remarques = notes | N° de suivi | Date de commande
D-1 | 01/05/2023 | Anne | C-1 | Chaussure | Défaut |  |  | Ouvert |  | S1 | 01/04/2023
D-2 | 13/05/2023 | Luc | C-2 | Chapeau | Retard | 20,00 | 20/05/2023 | Remboursé | ok | S2 | 02/04/2023

# spanish incidencias
Nº incidencia = number | Fecha de apertura = opened | Cliente = customer | Pedido = order | Producto = item | Motivo = reason | Importe reembolsado = resolution.amount / own | Fecha de cierre = resolution.date | Estado = resolution.status | Comentarios = notes | Fecha del pedido | Número de seguimiento
I-1 | 01/05/2023 | Ana | P-1 | Zapato | Roto |  |  | Abierta |  | 01/04/2023 | S1
I-2 | 13/05/2023 | Luis | P-2 | Gorra | Tarde | 20,00 | 20/05/2023 | Cerrada | ok | 02/04/2023 | S2

# chinese agent
案件编号 = number | 创建日期 = opened | 客户姓名 = customer | 订单编号 = order | 商品名称 = item | 售后原因 = reason | 申请金额 = amount / own | 实际退款金额 = resolution.amount / own | 币种 = currency | 处理状态 = resolution.status | 沟通记录 = message.summary | 备注 = notes | 快递单号 | 下单时间
AJ-1 | 2023-05-01 | 小明 | DD1 | 鞋子 | 质量 | 49.90 |  | CNY | 处理中 | 已联系客服 |  | SF1 | 2023-04-01
AJ-2 | 2023-05-02 | 小红 | DD2 | 帽子 | 错发 | 20.00 | 20.00 | CNY | 已退款 | 客服同意退款 | 好 | SF2 | 2023-04-02

# chinese order refund
销售平台 | 店铺 | 申请时间 = opened | 系统下载时间 | 退单编号 = number | 交易号 = payment / order / own | 买家昵称 = customer | 退款金额 = amount / resolution.amount | 转单状态 | 日志 = message.summary / own | 系统退单号 | 退单类型 = own / reason | 商品编码 | 商品名称 = item | 数量
淘宝 | 九 | 2023-05-01 10:00:00 | 2023-05-01 11:00:00 | TD1 | JY1 | 小明 | 49.90 | 已转 | x | XT1 | 仅退款 | S1 | 鞋子 | 1
淘宝 | 十 | 2023-05-02 10:00:00 | 2023-05-02 11:00:00 | TD2 | JY2 | 小红 | 20.00 | 未转 |  | XT2 | 退货 | S2 | 帽子 | 1

# dutch retour
Retournummer = number / own | Datum = opened / own | Klant = customer / own | Ordernummer = order / own | Reden = reason / own | Bedrag = amount / own | Status = resolution.status
R-1 | 2023-05-01 | Anna | O-1 | Kapot | 49,90 | Open
R-2 | 2023-05-02 | Bart | O-2 | Laat | 20,00 | Closed

# polish zwroty
Numer zwrotu = number / own | Data zgłoszenia = opened / own | Klient = customer / own | Numer zamówienia = order / own | Powód = reason / own | Kwota = amount / own | Status = resolution.status
Z-1 | 2023-05-01 | Anna | O-1 | Wada | 49,90 | Open
Z-2 | 2023-05-02 | Bart | O-2 | Inny | 20,00 | Closed

# shopify orders
Name = own / customer | Email | Financial Status | Paid at | Fulfillment Status | Fulfilled at | Accepts Marketing | Currency = currency / own | Subtotal | Shipping | Taxes | Total | Discount Code | Created at = opened / own | Lineitem quantity | Lineitem name = own / item | Billing Name | Notes = notes | Cancelled at | Payment Method | Payment Reference = payment | Refunded Amount = resolution.amount / amount / own | Vendor | Id = own / number | Tags | Risk Level | Source
#1001 | a@x.com | refunded | 2023-05-01 | fulfilled | 2023-05-02 | no | USD | 40 | 0 | 0 | 40 |  | 2023-05-01 | 1 | Shoe | Ann |  |  | stripe | pay1 | 40 | V | 101 |  | Low | web
#1002 | b@x.com | paid | 2023-05-02 | unfulfilled |  | no | USD | 20 | 0 | 0 | 20 |  | 2023-05-02 | 1 | Hat | Bo |  |  | stripe | pay2 | 0 | V | 102 |  | Low | web

# jpm disputes
Account Number | Acquirer Reference Number | Action Code | Activity Date | Case Notes = notes / own | Company Name | Consumer Name = own / customer | Dispute Category Code = own / reason | Dispute Due Date = respond_by | Dispute Initiate Date = opened | Dispute Transaction Sequence Number | Issuer Dispute Presentment Currency Amount | Merchant Order Number = order / own | Payment Brand Dispute Reason Code = reason / own | Dispute Identifier = number
411 | 741 | A1 | 2023-05-02 |  | Co | Ann | CB | 2023-05-10 | 2023-05-01 | 1 | 40.00 | O-1 | 10.4 | D1
412 | 742 | A2 | 2023-05-03 | x | Co | Bo | CB | 2023-05-11 | 2023-05-02 | 2 | 20.00 | O-2 | 13.1 | D2

# crm refund form
Timestamp = opened | Email Address | Full Name = customer | Order Number = order | Reason for refund request = reason | Amount requested = amount | Please attach proof = own / message.evidence | Additional comments = notes | Ticket ID = number | Status = resolution.status
5/14/2023 10:00:00 | a@x.com | Ann | O-1 | Damaged | 40 | http://x/1.jpg |  | T-1 | Pending
5/1/2023 11:00:00 | b@x.com | Bo | O-2 | Late | 20 |  | pls | T-2 | Approved

# claims with an agent
Claim Reference = number | Platform | Order Number = order | Date of Purchase | Date Claim Filed = opened | Reason for Claim = reason | Claim Amount = amount | Currency = currency | Evidence Submitted (Y/N) | Current Status = resolution.status | Last Contact Date = own / message.date | Next Follow-up Date | Expected Refund Date | Refund Received Date = resolution.date / own | Amount Refunded = resolution.amount | Final Outcome = resolution.outcome | Notes = notes
C1 | Taobao | O1 | 2023-04-01 | 2023-05-01 | Damaged | 40 | CNY | Y | Under review | 2023-05-03 | 2023-05-10 | 2023-05-20 |  |  |  |
C2 | Weidian | O2 | 2023-04-02 | 2023-05-02 | Lost | 20 | CNY | N | Refunded | 2023-05-04 |  |  | 2023-05-09 | 20 | Full refund | ok

# requests for refunds
Refund Request # = number | Request Date = opened | Buyer Name = customer | Product Name = item | Qty | Unit Price | Total Refund = amount / resolution.amount / own | Refund Type (Full/Partial) | Refund Reason = reason | Refund Status = resolution.status | Approved By | Approval Date | Refund Method = resolution.method | Refund Date = resolution.date | Transaction ID = payment | Remarks = notes
R1 | 2023-05-01 | Ann | Shoe | 1 | 40 | 40 | Full | Damaged | Pending |  |  |  |  |  |
R2 | 2023-05-02 | Bo | Hat | 1 | 20 | 10 | Partial | Late | Completed | Maya | 2023-05-04 | PayPal | 2023-05-05 | TX2 | ok

# disputes on marketplaces
Dispute # = number | Opened Date = opened | Marketplace | Seller | Item Description = item | Purchase Price | Amount Disputed = amount | Dispute Type = reason | Response Deadline = respond_by | Seller Response | Evidence Link = message.evidence / own | Escalated? | Resolution Status = resolution.status / own | Resolved On = resolution.date | Amount Recovered = own / resolution.amount | Comments = notes
D1 | 2023-05-01 | eBay | nine | Blue shoe | 40 | 40 | INR | 2023-05-10 | none | http://x/1 | No | Open |  |  |
D2 | 2023-05-02 | Etsy | ten | Hat | 20 | 20 | SNAD | 2023-05-11 | refused | http://x/2 | Yes | Closed | 2023-05-20 | 10 | half

# cases of an agent by hand
Case No. = number | Agent (GTBuy etc.) = own / message.agent / issuer | Parcel No. | Order No. = order | Date Reported = opened | Issue = reason | Requested Compensation = amount / own | Offered Compensation | Last Reply Date = own / tracker.reply / message.date | Agent Name = own / message.agent | Chat Summary = message.summary | Screenshots = own / message.evidence | Status = resolution.status | Date Resolved = resolution.date | Result = resolution.outcome
1 | GTBuy | P1 | O1 | 2023-05-01 | Missing | 40 USD |  | 2023-05-03 | Lily | They check it with the warehouse. | a.png | In progress |  |
2 | GTBuy | P2 | O2 | 2023-05-02 | Damaged | 20 USD | 10 USD | 2023-05-04 | Tom | They paid half. | b.png | Closed | 2023-05-09 | Half paid

# a short log
S/N | Date = opened | Ref No = number | Client = customer | Invoice # | Description = own / notes | Refund Amt = amount / resolution.amount | Mode of Refund = resolution.method / own | Processed On = resolution.date / own | Status = resolution.status
1 | 2023-05-01 | RF1 | Ann | I1 | Damaged shoe | 40 |  |  | Pending
2 | 2023-05-02 | RF2 | Bo | I2 | Late | 20 | Cash | 2023-05-04 | Done

# tickets as a data set has them
ticket_id = number | customer_id | customer_name = customer | order_id = order | order_date | product_id | product_name = item | issue_category = reason | issue_description = own / notes | created_at = opened | first_response_at | resolved_at = resolution.date | status = resolution.status | priority | channel = message.channel / own | agent_id | refund_requested = own / amount | refund_amount = amount / resolution.amount | resolution_type = own / resolution.outcome | csat_score
T1 | c1 | Ann | O1 | 2023-04-01 | p1 | Shoe | Refund | broken | 2023-05-01 10:00 | 2023-05-01 11:00 |  | open | high | email | a1 | yes | 40 |  |
T2 | c2 | Bo | O2 | 2023-04-02 | p2 | Hat | Delivery | late | 2023-05-02 10:00 | 2023-05-02 11:00 | 2023-05-04 10:00 | closed | low | chat | a2 | no | 0 | info | 5

# chargebacks with their stages
Chargeback ID = number | ARN | Card Network | Merchant Order ID = order / own | Transaction ID = payment | Transaction Amount | Chargeback Amount = amount | Chargeback Currency = currency | Chargeback Date = opened | Reason Code = reason / own | Reason Description = own / reason | Representment Due Date = own / respond_by | Representment Sent Date = own / answered_on | Stage = own / resolution.status | Outcome = resolution.outcome | Outcome Date = resolution.date / own | Win/Loss Amount
CB1 | 741 | Visa | O1 | T1 | 40 | 40 | USD | 2023-05-01 | 10.4 | Fraud | 2023-05-10 | 2023-05-05 | First |  |  |
CB2 | 742 | MC | O2 | T2 | 20 | 20 | USD | 2023-05-02 | 4853 | SNAD | 2023-05-11 | 2023-05-06 | First | Won | 2023-06-01 | 20

# Vorgänge
Nr = number / own | Vorgangsnummer = number | Eingereicht am = opened | Shop | Bestellung = order | Problem = reason | Streitwert = own / amount | Letzte Antwort = own / tracker.reply | Ansprechpartner = own / message.agent | Stand = resolution.status | Erstattungsbetrag = amount / resolution.amount | Abgeschlossen am = resolution.date | Notiz = notes
1 | V1 | 01.05.2023 | Nine | B1 | Defekt | 40 |  | Lin | Offen |  |  |
2 | V2 | 02.05.2023 | Ten | B2 | Fehlt | 20 |  | Lin | Erstattet | 20,00 | 09.05.2023 | ok

# 退款记录
退款编号 = number | 平台 | 订单号 = order | 申请日期 = opened | 商品 = item | 金额 = amount | 货币 = currency | 退款原因 = reason | 客服 = own / message.agent | 沟通记录 = message.summary | 状态 = resolution.status | 完成日期 = resolution.date | 备注 = notes | 支付单号 = payment | 截止日期 = own / respond_by
TK1 | 淘宝 | D1 | 2023-05-01 | 鞋 | 49.9 | CNY | 坏了 | 小李 | 已联系卖家等待回复 | 处理中 |  |  | P1 | 2023-05-10
TK2 | 微店 | D2 | 2023-05-02 | 帽 | 20 | CNY | 错 | 小王 | 卖家同意退款 | 已退款 | 2023-05-06 | 好 | P2 |

# returns of a shop
Return # = number | Status = resolution.status | Created = opened | Customer = customer | Items = own / item | Reason = reason | Refund total = amount / resolution.amount | Restocking fee | Shipping label | Tracking | Warehouse received | Refunded on = resolution.date | Refunded to = resolution.method | Store
1 | Open | 2023-05-01 | Ann | 2 | Size | 40 | 5 | yes | 1Z |  |  |  | A
2 | Refunded | 2023-05-02 | Bo | 1 | Colour | 20 | 0 | no | 1Y | 2023-05-06 | 2023-05-07 | Card | A

# incidents
Incident Number = number | Incident Date = opened | Reported By = own / customer | Location | Complaint Category = reason | Complaint Summary = own / message.summary / notes | Severity | Assigned To | Target Closure Date | Actual Closure Date = own / resolution.date | Closure Remarks = own / resolution.outcome | Customer Satisfied? | Status = resolution.status
1 | 2023-05-01 | Ann | NY | Quality | bad shoe came | High | Joe | 2023-05-10 |  |  |  | Open
2 | 2023-05-02 | Bo | LA | Delay | late parcel again | Low | Joe | 2023-05-11 | 2023-05-09 | refunded | Y | Closed

# tickets beside PayPal's cases
Support Ticket = number / own | PayPal Case ID = number / own / related | Dispute Opened = opened | Seller Email | Amount (EUR) = amount | Dispute Status = resolution.status | PayPal Deadline = own / respond_by | Response Date = own / answered_on | Decision = resolution.outcome | Decision Date = resolution.date | Money Received
S1 | PP-1 | 2023-05-01 | s@x.com | 40 | Open | 2023-05-10 | 2023-05-03 |  |  | no
S2 | PP-2 | 2023-05-02 | t@x.com | 20 | Closed | 2023-05-11 | 2023-05-04 | Won | 2023-05-20 | yes
"""


def _place(said: str) -> str:
    said = said.strip().replace("message.", "communication.")
    return said if "." in said or said == OWN else f"case.{said}"


def _layout(lines: list[str]) -> tuple[str, Layout]:
    name, columns, *rows = lines
    told = [column.partition(" = ") for column in columns.split(" | ")]
    places = [(header.strip(), tuple(map(_place, said.split("/"))) if said else (OWN,)) for header, _, said in told]
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return name.removeprefix("# "), Layout(places, [row + [""] * (len(places) - len(row)) for row in cells])


EXPORTS = dict(_layout(text.splitlines()) for text in _TEXT.strip().split("\n\n"))
